import { withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { spansBothWays } from '@throughline/testbed/both-ways';
import { afterEach, expect, test } from 'vitest';
import { clientsOf, closeAll, hasRedis, load, signal } from '../test/parts/queues.js';
import { bullmqPlugin } from './index.js';

const { newQueue, newWorker } = clientsOf(load('bullmq'));
afterEach(closeAll);

test.skipIf(!hasRedis)('jobs have the same spans by the recorder as by the SDK', async () => {
  const queueName = 'both-ways';
  const { recorder, sdk, spanCount } = await spansBothWays(
    captureObservability,
    { plugins: [bullmqPlugin()], logs: { level: 'silly' } },
    async () => {
      const queue = newQueue(queueName);
      await queue.obliterate({ force: true });
      await withSpan('request', async () => {
        await queue.add('mail', { to: 'a' });
        await queue.addBulk([
          { name: 'push', data: 1 },
          { name: 'bad', data: 2 },
        ]);
      });
      const ended = signal();
      let count = 0;
      const worker = newWorker(queueName, async (job) => {
        if (job.name === 'bad') throw new RangeError('bad job');
      });
      const end = () => {
        if (++count === 3) ended.fire();
      };
      worker.on('completed', end).on('failed', end);
      await ended.fired;
      await worker.close();
    },
  );
  expect(recorder).toEqual(sdk);
  // The request, two additions and three jobs.
  expect(spanCount).toBeGreaterThanOrEqual(6);
});
