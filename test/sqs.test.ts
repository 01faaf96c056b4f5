import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elasticmqHint, startElasticmq } from '@throughline/testbed/elasticmq';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../packages/core/test/built-core.js';
import { buildPlugin } from './others/built-plugin.js';

/*
 * A service that has not changed, with the register entry, as an ES module and as CommonJS. sqs-consumer has an ES module of
 * its own, which is in no cache.
 */
const processes = createProcesses();
const sqs = await startElasticmq({ processes, folder: temporaryFolder() });
if (!sqs) {
  if (process.env.CI) test('a server for SQS is there', () => expect(sqs, elasticmqHint).toBeDefined());
  else console.log(`Tests with SQS are off: ${elasticmqHint}.`);
}

const service = `
  const sqs = new SQSClient({
    region: 'eu-central-1',
    endpoint: process.env.SQS_ENDPOINT,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const queue = process.argv[2];
  const queueUrl = process.env.SQS_ENDPOINT + '/000000000000/' + queue;
  const send = (MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  sqs.send(new CreateQueueCommand({ QueueName: queue })).then(() => send('ann')).then(() => {
    let count = 0;
    const consumer = Consumer.create({
      queueUrl, sqs, waitTimeSeconds: 1,
      handleMessage: async (message) => {
        console.log('handled: ' + message.Body);
        if (++count < 2) await send('bob');
        return message;
      },
    });
    consumer.on('error', console.error).on('processing_error', console.error);
    consumer.on('message_processed', () => {
      if (count < 2) return;
      consumer.stop({ abort: true });
      process.kill(process.pid, 'SIGTERM');
    });
    consumer.start();
  });`;
const clients = '{ CreateQueueCommand, SendMessageCommand, SQSClient }';

let core: BuiltCore;
let intake: Awaited<ReturnType<typeof startIntake>>;
beforeAll(async () => {
  [core, intake] = await Promise.all([buildCore('sqs-service'), startIntake()]);
  await buildPlugin('sqs', core.folder);
  for (const name of ['@aws-sdk', 'sqs-consumer']) {
    symlinkSync(
      fileURLToPath(new URL(`../packages/sqs/node_modules/${name}`, import.meta.url)),
      join(core.folder, 'node_modules', name),
    );
  }
  const packageFile = join(core.folder, 'package.json');
  const described = JSON.parse(readFileSync(packageFile, 'utf8'));
  const dependencies = { ...described.dependencies, '@aws-sdk/client-sqs': '3', 'sqs-consumer': '14' };
  writeFileSync(packageFile, JSON.stringify({ ...described, dependencies }));
  writeFileSync(
    join(core.folder, 'service.mjs'),
    `import ${clients} from '@aws-sdk/client-sqs';\nimport { Consumer } from 'sqs-consumer';\n${service}`,
  );
  writeFileSync(
    join(core.folder, 'service.cjs'),
    `const ${clients} = require('@aws-sdk/client-sqs');\nconst { Consumer } = require('sqs-consumer');\n${service}`,
  );
});
afterAll(async () => {
  await intake?.stop();
  await processes.stopAll();
  core?.remove();
});

describe.skipIf(!sqs)('a service with sqs-consumer', () => {
  test.each(['mjs', 'cjs'])(
    'as .%s: what a handler sends is in the trace of its message',
    async (extension) => {
      const queue = `mails-${extension}`;
      const name = `mailer-${extension}`;
      const started = processes.start(
        'service',
        process.execPath,
        ['--import', '@throughline/core/register', `service.${extension}`, queue],
        {
          cwd: core.folder,
          env: {
            PATH: process.env.PATH,
            SQS_ENDPOINT: sqs?.url ?? '',
            OTEL_SERVICE_NAME: name,
            OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
            OTEL_EXPORTER_PROMETHEUS_PORT: '0',
          },
        },
      );
      await started.ended;
      const output = started.lines.join('\n');
      for (const body of ['ann', 'bob']) expect(output).toContain(`handled: ${body}`);
      const spans = intake.spansOf(name);
      const sends = spans.filter((span) => span.name === `send ${queue}`);
      const processed = spans.filter((span) => span.name === `process ${queue}`);
      expect(sends).toHaveLength(2);
      const sendIds = sends.map(({ spanId }) => spanId).toSorted();
      expect(processed.map(({ parentSpanId }) => parentSpanId).toSorted()).toEqual(sendIds);
      expect(new Set([...sends, ...processed].map(({ traceId }) => traceId)).size).toBe(1);
    },
    60_000,
  );
});
