import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { captureObservability } from '@throughline/core/testing';
import { spansBothWays } from '@throughline/testbed/both-ways';
import express from 'express';
import { expect, test } from 'vitest';
import { expressPlugin } from './index.js';

test('routes and errors send the same spans through the recorder as through the SDK', async () => {
  const app = express();
  const orders = express.Router();
  orders.get('/:id', (incoming, response) => {
    if (incoming.params.id === '0') throw Object.assign(new Error('no such order'), { code: 'E_ORDER' });
    response.json({ id: incoming.params.id });
  });
  app.use('/orders', orders);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const paths = ['/orders/1', '/orders/2?token=s3cret', '/orders/0', '/none', '/orders/%zz'];
  const { recorder, sdk, spanCount } = await spansBothWays(
    captureObservability,
    { plugins: [expressPlugin()], logs: { level: 'error' } },
    async () => {
      for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    },
  );
  server.closeAllConnections();
  server.close();
  expect(recorder).toEqual(sdk);
  // Fetch and server for each.
  expect(spanCount).toBe(paths.length * 2);
});
