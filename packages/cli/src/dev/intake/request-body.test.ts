import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readBody } from './request-body.js';

test.each([
  ['says so', { 'content-length': '50' }],
  ['does not say so', {}],
])(
  'a body that is too large and %s is answered, though it is not read to its end',
  async (_name, headers) => {
    const server = createServer((incoming, response) => {
      readBody(incoming, 10).catch((error: Error) => response.writeHead(413).end(error.message));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sent = request({ port, host: '127.0.0.1', method: 'POST', headers });
    const status = await new Promise((resolve, reject) => {
      sent.once('response', ({ statusCode }) => resolve(statusCode));
      sent.once('error', reject);
      sent.write('x'.repeat(20));
    });
    expect(status).toBe(413);
    sent.destroy();
    server.closeAllConnections();
    server.close();
  },
);
