import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../packages/core/test/built-core.js';
import { buildPlugin } from './others/built-plugin.js';

/*
 * A service that has not changed, with the register entry: its processor is a file, which BullMQ runs in another process or
 * in a thread.
 */
const processes = createProcesses();
const redis = await startRedis({ processes, folder: temporaryFolder() });
if (!redis) {
  if (process.env.CI) test('Redis is there', () => expect(redis, redisHint).toBeDefined());
  else console.log(`Tests with BullMQ are off: ${redisHint}.`);
}

let core: BuiltCore;
let intake: Awaited<ReturnType<typeof startIntake>>;
beforeAll(async () => {
  [core, intake] = await Promise.all([buildCore('bullmq-service'), startIntake()]);
  const modules = join(core.folder, 'node_modules');
  await buildPlugin('bullmq', core.folder);
  symlinkSync(
    fileURLToPath(new URL('../packages/bullmq/node_modules/bullmq', import.meta.url)),
    join(modules, 'bullmq'),
  );
  const write = (name: string, text: string) => writeFileSync(join(core.folder, name), text);
  write(
    'processor.cjs',
    `const { logger } = require('@throughline/core');
    module.exports = async (job) => {
      logger.info('mail sent', { to: job.data.to, process: process.pid });
      if (job.data.to === 'nobody') throw new RangeError('no such address');
      return 'sent';
    };`,
  );
  write(
    'service.mjs',
    `import { Queue, Worker } from 'bullmq';
    const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };
    const name = process.argv[2];
    const queue = new Queue(name, { connection });
    const worker = new Worker(name, new URL('./processor.cjs', import.meta.url), {
      connection,
      useWorkerThreads: process.argv[3] === 'threads',
    });
    let ended = 0;
    const end = async (outcome) => {
      console.log('ended: ' + outcome);
      if (++ended < 2) return;
      await worker.close();
      await queue.close();
      process.kill(process.pid, 'SIGTERM');
    };
    worker.on('completed', (job) => end(job.returnvalue)).on('failed', (job, error) => end(error.message));
    await queue.add('mail', { to: 'ann' });
    await queue.add('mail', { to: 'nobody' });`,
  );
});
afterAll(async () => {
  await intake?.stop();
  await processes.stopAll();
  core?.remove();
});

describe.skipIf(!redis)('a processor in a file', () => {
  test.each(['processes', 'threads'])(
    'runs in %s as before; its lines are in the trace of the job',
    async (kind) => {
      const queue = `mail-${kind}`;
      const service = processes.start(
        'service',
        process.execPath,
        ['--import', '@throughline/core/register', 'service.mjs', queue, kind],
        {
          cwd: core.folder,
          env: {
            PATH: process.env.PATH,
            REDIS_URL: redis?.url ?? '',
            OTEL_SERVICE_NAME: `mailer-${kind}`,
            OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
            OTEL_EXPORTER_PROMETHEUS_PORT: '0',
          },
        },
      );
      await service.ended;
      const output = service.lines.join('\n');
      for (const outcome of ['sent', 'no such address']) expect(output).toContain(`ended: ${outcome}`);
      const spans = intake.spansOf(`mailer-${kind}`);
      const sends = spans.filter(({ name }) => name === `send ${queue}`);
      const processed = spans.filter(({ name }) => name === `process ${queue}`);
      expect(processed.map(({ parentSpanId }) => parentSpanId)).toEqual(sends.map(({ spanId }) => spanId));
      expect(processed.map(({ status }) => status.code)).toEqual([0, 2]);
      const lines = service.lines.flatMap((line) => (line.includes('"mail sent"') ? [JSON.parse(line)] : []));
      expect(lines).toMatchObject(
        processed.map(({ traceId, spanId }, n) => ({
          to: ['ann', 'nobody'][n],
          trace_id: traceId,
          span_id: spanId,
          queue,
          job_id: String(n + 1),
        })),
      );
    },
    60_000,
  );
});
