import { once } from 'node:events';
import http, { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { resolveOptions } from '../options/resolve.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

// Taken before init, as a service's own modules do.
const { get: capturedGet, request: capturedRequest } = http;

let captured: CapturedObservability;
let received: IncomingMessage['headers'][];
let port: number;
const server = createServer((request, response) => {
  received.push(request.headers);
  if (request.url === '/hang-up') request.socket.destroy();
  else response.writeHead(Number(request.url?.slice(1, 4)) || 200).end('ok');
});

beforeEach(async () => {
  received = [];
  captured = captureObservability({ http: { ignoreIncomingPaths: [/.*/] } });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await captured.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function drain(request: http.ClientRequest): Promise<void> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'close');
}

const clients: [string, (path: string) => Promise<unknown>][] = [
  ['fetch', async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()],
  ['http.get', (path) => drain(http.get(`http://127.0.0.1:${port}${path}`))],
  ['http.request', (path) => drain(http.request({ host: '127.0.0.1', port, path }).end())],
  ['http.get taken before init', (path) => drain(capturedGet(`http://127.0.0.1:${port}${path}`))],
  [
    'http.request taken before init',
    (path) => drain(capturedRequest({ host: '127.0.0.1', port, path }).end()),
  ],
];

test.each([
  ['an object', (headers: Record<string, string>) => headers],
  ['Headers', (headers: Record<string, string>) => new Headers(headers)],
  ['a list', (headers: Record<string, string>) => Object.entries(headers)],
])('fetch with the headers of a caller as %s sends one traceparent, that of the call', async (_name, as) => {
  const headers = {
    TraceParent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
    tracestate: 'a=1',
    'x-own': 'kept',
  };
  await withSpan('caller', async () => {
    await (await fetch(`http://127.0.0.1:${port}/200`, { headers: as(headers) })).text();
  });
  const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
  const { traceId, spanId } = client.spanContext();
  expect(received[0]).toMatchObject({ traceparent: `00-${traceId}-${spanId}-01`, 'x-own': 'kept' });
  expect(received[0]).not.toHaveProperty('tracestate');
});

describe.each(clients)('%s', (_name, call) => {
  test('makes a client span and carries it to the server', async () => {
    await withSpan('caller', () => call('/200?api_key=secret&page=1'));
    const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
    const caller = await captured.waitForSpan((span) => span.name === 'caller');
    expect(client.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
    expect(client.attributes).toMatchObject({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.status_code': 200,
      'url.full': `http://127.0.0.1:${port}/200?api_key=REDACTED&page=1`,
    });
    const { traceId, spanId } = client.spanContext();
    expect(received[0]?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(JSON.stringify(client.attributes)).not.toContain('secret');
  });

  test('is measured, with the client span as exemplar', async () => {
    await withSpan('caller', () => call('/404'));
    const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
    const metrics = await captured.metrics();
    expect(metrics).toMatch(
      new RegExp(
        `http_client_request_duration_seconds_count\\{http_request_method="GET",server_address="127.0.0.1",server_port="${port}",http_response_status_code="404",error_type="404"\\S* 1\n`,
      ),
    );
    const { traceId, spanId } = client.spanContext();
    expect(metrics).toContain(`# {trace_id="${traceId}",span_id="${spanId}"}`);
  });

  test('a connection that fails is an error of the span and the metric, and of the caller as ever', async () => {
    await expect(withSpan('caller', () => call('/hang-up'))).rejects.toThrow();
    const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
    expect(client.status.code).toBe(SpanStatusCode.ERROR);
    expect(await captured.metrics()).toMatch(
      /http_client_request_duration_seconds_count\{[^}]*error_type="(ECONNRESET|UND_ERR_SOCKET)"[^}]*\} 1\n/,
    );
  });
});

test('an unhandled client error still reaches the process: our listeners do not swallow it', async () => {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const caught = new Promise<NodeJS.ErrnoException>((resolve) => process.once('uncaughtException', resolve));
  http.get(`http://127.0.0.1:${port}/hang-up`);
  expect((await caught).code).toBe('ECONNRESET');
  for (const listener of listeners) process.on('uncaughtException', listener);
});

test('a request without agent, and one with a body, taken before init', async () => {
  await withSpan('caller', async () => {
    const request = capturedRequest({ host: '127.0.0.1', port, path: '/200', method: 'POST', agent: false });
    request.write('a');
    request.end('b');
    await drain(request);
  });
  const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
  expect(received[0]?.traceparent).toContain(client.spanContext().spanId);
  expect(client.name).toBe('POST');
});

test('each request has one client span, whoever made it', async () => {
  await withSpan('caller', async () => {
    for (const [, call] of clients) await call('/200');
  });
  await captured.waitForSpan((span) => span.name === 'caller');
  expect(captured.spans.filter((span) => span.kind === SpanKind.CLIENT)).toHaveLength(clients.length);
});

test('a response that nobody reads is still discarded', async () => {
  const request = http.get(`http://127.0.0.1:${port}/200`);
  await once(request, 'close');
  expect(await captured.metrics()).toMatch(/http_client_request_duration_seconds_count\{[^}]*\} 1\n/);
});

test('headers given as a list arrive as they were given, with the trace beside them', async () => {
  const headers = ['X-One', '1', 'X-Two', 'a', 'x-two', 'b', 'Host', 'shop.example'];
  const [response] = await withSpan('caller', () =>
    once(http.request({ host: '127.0.0.1', port, path: '/200', headers }).end(), 'response'),
  );
  response.resume();
  expect(received[0]).toMatchObject({ 'x-one': '1', 'x-two': 'a, b', host: 'shop.example' });
  expect(Object.keys(received[0] ?? {})).not.toContain('0');
  expect(received[0]?.traceparent).toBeDefined();
});

test('a list of headers that Node refuses is refused by Node', () => {
  const headers = ['X-One', '1', 'X-Two'];
  expect(() => http.request({ host: '127.0.0.1', port, headers })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
  );
});

test('listeners run in the context of the caller, also on a connection of another request', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const seen: [event: string, caller: string, active: string | undefined][] = [];
  const call = (name: string, path: string) =>
    withSpan(name, async (span) => {
      const caller = span.spanContext().spanId;
      const see = (event: string) => () => {
        seen.push([event, caller, trace.getActiveSpan()?.spanContext().spanId]);
      };
      const request = http.request({ host: '127.0.0.1', port, path, agent }, (response) => {
        for (const event of ['data', 'end', 'close']) response.on(event, see(event));
      });
      for (const event of ['socket', 'response', 'error', 'close']) request.on(event, see(event));
      request.end();
      await once(request, 'close').catch(() => {});
    });
  await Promise.all([call('one', '/200'), call('two', '/200'), call('three', '/hang-up')]);
  agent.destroy();
  expect(new Set(seen.map(([event]) => event))).toEqual(
    new Set(['socket', 'response', 'data', 'end', 'close', 'error']),
  );
  for (const [, caller, active] of seen) expect(active).toBe(caller);
});

test('what is made before init, and what is stopped, goes out as ever', async () => {
  const { request } = http;
  await captured.stop();
  expect(http.request).not.toBe(request);
  await drain(request({ host: '127.0.0.1', port, path: '/200' }).end());
  expect(received[0]).not.toHaveProperty('traceparent');
});

test('an Expect that Node refuses is refused by Node', () => {
  const headers = { Expect: 'a\nb' };
  expect(() => http.request({ host: '127.0.0.1', port, headers })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_CHAR' }),
  );
});

describe('http.propagateTo', () => {
  const capture = (propagateTo: readonly (string | RegExp)[]) =>
    captureObservability({
      http: { ignoreIncomingPaths: [/.*/], propagateTo },
      legacyTraceHeader: 'x-trace-id',
      env: { OTEL_PROPAGATORS: 'tracecontext,baggage,b3' },
    });
  const traceHeaders = () =>
    Object.keys(received[0] ?? {}).filter((name) => /^(traceparent|b3|x-trace-id)$/.test(name));

  test.each(clients)('%s carries nothing elsewhere; span, metric and exemplar stay', async (_name, call) => {
    await captured.stop();
    captured = capture(['orders', '.internal.example', /\/partner\//g]);
    await withSpan('caller', () => call('/200'));
    expect(traceHeaders()).toEqual([]);
    const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
    expect(await captured.metrics()).toContain(`# {trace_id="${client.spanContext().traceId}"`);
  });

  test.each(clients)('%s carries all of them to a host of the list', async (_name, call) => {
    await captured.stop();
    captured = capture(['127.0.0.1']);
    await withSpan('caller', () => call('/200'));
    expect(traceHeaders().sort()).toEqual(['b3', 'traceparent', 'x-trace-id']);
  });

  test('a call that carries nothing leaves the next one alone', async () => {
    await captured.stop();
    captured = capture([/\/2/]);
    await withSpan('caller', async () => {
      await fetch(`http://127.0.0.1:${port}/404`);
      await fetch(`http://127.0.0.1:${port}/200`);
      await fetch(`http://127.0.0.1:${port}/200?x=/404`);
    });
    expect(received.map((headers) => 'traceparent' in headers)).toEqual([false, true, true]);
  });

  test('the headers that the service passes in are not written to', async () => {
    await captured.stop();
    captured = capture([]);
    const headers = Object.freeze({ 'x-one': '1' });
    await drain(http.get({ host: '127.0.0.1', port, path: '/200', headers }));
    expect(received[0]).toMatchObject({ 'x-one': '1' });
    expect(traceHeaders()).toEqual([]);
  });

  test.each([['http://orders'], ['*.example'], [42]])('%s is no host', (entry) => {
    const wrong = () => resolveOptions({ http: { propagateTo: [entry as string] } }, {});
    expect(wrong).toThrow(/array of hosts/);
  });
});

test.each(clients)('the exemplar of %s does not depend on the propagators', async (_name, call) => {
  await captured.stop();
  captured = captureObservability({ env: { OTEL_PROPAGATORS: 'b3' }, http: { ignoreIncomingPaths: [/.*/] } });
  await withSpan('caller', () => call('/200'));
  expect(await captured.metrics()).toMatch(/client_request_duration_seconds_bucket\{.*# \{trace_id=/);
});

test('the other propagators are written as asked for', async () => {
  await captured.stop();
  captured = captureObservability({
    env: { OTEL_PROPAGATORS: 'b3,b3multi,jaeger,tracecontext' },
    http: { ignoreIncomingPaths: [/.*/] },
  });
  await withSpan('caller', () => fetch(`http://127.0.0.1:${port}/200`).then((answer) => answer.text()));
  const client = await captured.waitForSpan((span) => span.kind === SpanKind.CLIENT);
  const { traceId, spanId } = client.spanContext();
  expect(received[0]).toMatchObject({
    traceparent: `00-${traceId}-${spanId}-01`,
    b3: `${traceId}-${spanId}-1`,
    'x-b3-traceid': traceId,
    'x-b3-spanid': spanId,
    'uber-trace-id': `${traceId}:${spanId}:0:01`,
  });
});
