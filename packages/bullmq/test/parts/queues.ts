import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type * as bullmq from 'bullmq';
import { afterAll, expect, test } from 'vitest';

export { requireMadeUp } from '@throughline/testbed/made-up-package';
export { signal } from '@throughline/testbed/signal';

export type Bullmq = typeof bullmq;

const processes = createProcesses();
const redis = await startRedis({ processes, folder: temporaryFolder() });

/** A real Redis for a test file; where there is none, one line says so, and in CI a test fails. */
export const hasRedis = redis !== undefined;
if (!hasRedis) {
  if (process.env.CI) test('Redis is there', () => expect(redis, redisHint).toBeDefined());
  else console.log(`Tests with BullMQ are off: ${redisHint}.`);
}

const url = new URL(redis?.url ?? 'redis://127.0.0.1');

/** Of a worker, too: it must not stop retrying. */
export const connection = {
  host: url.hostname,
  port: Number(url.port || 6379),
  maxRetriesPerRequest: null,
};

const closes: (() => unknown)[] = [];

/** For afterEach: closes in the reverse order. */
export async function closeAll(): Promise<void> {
  for (const close of closes.splice(0).reverse()) await close();
}

afterAll(async () => {
  await closeAll();
  await processes.stopAll();
});

/** The installed version of this name: `bullmq-4`. */
export function load(name: string): Bullmq {
  return createRequire(import.meta.url)(name);
}

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** The makers of queues and workers of one version; what they make is closed by {@link closeAll}. */
export function clientsOf({ Queue, Worker, FlowProducer }: Bullmq) {
  function closing<C extends { close(): unknown; on(name: 'error', listener: () => void): unknown }>(
    client: C,
  ) {
    // Without a listener, a lost connection would end the process.
    client.on('error', () => {});
    closes.push(() => client.close());
    return client;
  }
  return {
    newQueue: (name = uniqueName('queue'), options: Partial<bullmq.QueueOptions> = {}) =>
      closing(new Queue(name, { connection, ...options })),
    newWorker: (
      name: string,
      processor: string | bullmq.Processor,
      options: Partial<bullmq.WorkerOptions> = {},
    ) => closing(new Worker(name, processor, { connection, ...options })),
    newFlowProducer: (options: Partial<bullmq.QueueBaseOptions> = {}) =>
      closing(new FlowProducer({ connection, ...options })),
  };
}
