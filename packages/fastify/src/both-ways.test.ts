import { captureObservability } from '@throughline/core/testing';
import { requestsBothWays } from '@throughline/testbed/both-ways';
import { expect, test } from 'vitest';
import { type FastifyCopy, fastifyCopies, fastifySubject } from '../test/served-fastify.js';

test('routes and errors send the same spans through the recorder as through the SDK', async () => {
  const subject = fastifySubject(fastifyCopies[0] as FastifyCopy);
  const { recorder, sdk, spanCount, requestCount } = await requestsBothWays(captureObservability, subject);
  expect(recorder).toEqual(sdk);
  // Fetch and server for each, at least: a framework may have spans of its own.
  expect(spanCount).toBeGreaterThanOrEqual(requestCount * 2);
});
