import { once } from 'node:events';
import { createServer, get, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spansBothWays } from '@throughline/testbed/both-ways';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { captureObservability } from '../testing.js';

/*
 * Requests in and out send the same spans through the recorder as through the SDK, whatever happens to them.
 */
type Call = Readonly<{
  by: 'fetch' | 'http.get' | 'http.request' | 'refused';
  path: string;
  status: number;
  header: string | undefined;
  fails: boolean;
}>;

const call: fc.Arbitrary<Call> = fc.record({
  by: fc.constantFrom('fetch', 'http.get', 'http.request', 'refused'),
  path: fc.constantFrom('/orders/1', '/orders/2?token=s3cret&page=1', '/', '/%zz', '/é'),
  status: fc.constantFrom(200, 204, 301, 404, 500, 503),
  header: fc.constantFrom(undefined, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'nonsense'),
  fails: fc.boolean(),
});

test('random programs of requests, below spans of the service', async () => {
  const server = createServer((incoming, response) => {
    incoming.resume();
    const status = Number(incoming.headers['x-status'] ?? 200);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 204 ? undefined : 'done');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let compared = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
        const { recorder, sdk, spanCount } = await spansBothWays(
          captureObservability,
          { logs: { level: 'error' } },
          async () => {
            for (const each of calls) await made(each, port).catch(() => {});
          },
        );
        expect(recorder).toEqual(sdk);
        // One of the caller and one of the client at least; the two runs were not empty.
        expect(spanCount).toBeGreaterThanOrEqual(calls.length * 2);
        compared += spanCount;
      }),
      { numRuns: 8 },
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(compared).toBeGreaterThan(16);
});

function made({ by, path, status, header, fails }: Call, port: number): Promise<void> {
  return withSpan(
    'call',
    async (span) => {
      span.setAttributes({ status, list: ['a', path], ratio: 0.5, fails });
      const url = `http://127.0.0.1:${by === 'refused' ? 1 : port}${encodeURI(path)}`;
      const headers = { 'x-status': String(status), ...(header && { traceparent: header }) };
      if (by === 'fetch') await (await fetch(url, { headers, redirect: 'manual' })).text();
      else {
        const sent =
          by === 'http.request' ? request(url, { method: 'DELETE', headers }).end() : get(url, { headers });
        const [response] = await once(sent, 'response');
        response.resume();
        await once(response, 'end');
      }
      span.addEvent('answered', { status });
      if (fails) throw Object.assign(new Error('it fails'), { code: 'E_FAILS' });
    },
    {
      links: [
        {
          context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 },
          attributes: { of: by },
        },
      ],
    },
  );
}
