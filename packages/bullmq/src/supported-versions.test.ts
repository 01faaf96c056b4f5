import { checkPlugin, type TestedMessage, testMessagingClient } from '@throughline/core/testing';
import { describe, expect, test } from 'vitest';
import { connection, hasRedis, load, uniqueName } from '../test/parts/queues.js';
import { bullmqPlugin, throughlinePlugin } from './index.js';

test('the register entry finds the plugin', () => expect(throughlinePlugin).toBe(bullmqPlugin));

describe('the contract of plugins', async () => {
  for (const { promise, kept, detail } of await checkPlugin(() => bullmqPlugin())) {
    test(promise, () => expect(kept, detail).toBe(true));
  }
});

describe.skipIf(!hasRedis).each(['bullmq', 'bullmq-5', 'bullmq-5-oldest', 'bullmq-4', 'bullmq-3'])(
  '%s',
  (version) => {
    const { Queue, Worker, FlowProducer } = load(version);

    // A job has no headers. The context is in BullMQ's own field for it, the rest in the data of the job.
    testMessagingClient(test, {
      system: 'bullmq',
      plugin: () => bullmqPlugin(),
      createDestination: async () => uniqueName('queue'),
      async connectProducer() {
        const queues = new Map<string, InstanceType<typeof Queue>>();
        const queueOf = (name: string) => {
          const queue = queues.get(name) ?? new Queue(name, { connection });
          queues.set(name, queue);
          return queue;
        };
        return {
          send(destination, { value, headers }) {
            const { traceparent, ...others } = headers;
            const telemetry = traceparent && { metadata: JSON.stringify({ traceparent }) };
            const data = { value, headers: others };
            return queueOf(destination).add('job', data, telemetry ? { telemetry } : undefined);
          },
          sendRefused: () => queueOf('refused').add('job', {}, { jobId: '0' }),
          close: () => Promise.all([...queues.values()].map((queue) => queue.close())),
        };
      },
      async consume(destination, handler) {
        const worker = new Worker(
          destination,
          async ({ data, opts }) => {
            const context: Record<string, string> = JSON.parse(opts.telemetry?.metadata ?? '{}');
            const { value, headers } = data as TestedMessage;
            await handler({ value, headers: { ...headers, ...context } });
          },
          { connection },
        );
        return { close: () => worker.close() };
      },
      sendAttributes: { 'bullmq.job.name': 'job' },
      processAttributes: {
        'bullmq.job.name': 'job',
        'bullmq.job.attempts.made': 1,
        'messaging.message.id': '1',
      },
      patched: () => [
        Queue.prototype.add,
        Queue.prototype.addBulk,
        Reflect.get(Worker.prototype, 'callProcessJob'),
        FlowProducer.prototype.add,
        FlowProducer.prototype.addBulk,
      ],
    });
  },
);
