import { once } from 'node:events';
import http, { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import axios from 'axios';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CapturedObservability, captureObservability } from '../testing.js';

// Taken before init, as a service's own modules do.
const { get: capturedGet } = http;

let captured: CapturedObservability;
let port: number;
const server = createServer((request, response) => {
  switch (request.url) {
    case '/hang-up':
      request.socket.destroy();
      return;
    case '/no-answer':
      return;
    case '/not-http':
      request.socket.end('this is not HTTP\r\n\r\n');
      return;
    case '/half':
      response.writeHead(200, { 'content-length': 1_000 }).write('half');
      setImmediate(() => response.destroy());
      return;
    case '/endless':
      response.writeHead(200).write('a'.repeat(100_000));
      return;
    default:
      response.writeHead(Number(request.url?.slice(1, 4))).end('body'.repeat(50_000));
  }
});

beforeEach(async () => {
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

async function unusedPort(): Promise<number> {
  const unused = createTcpServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port: found } = unused.address() as AddressInfo;
  unused.close();
  await once(unused, 'close');
  return found;
}

/** `error.type` and status code of the one client call, by its span and by its metric. */
async function recorded() {
  const span = await captured.waitForSpan(({ kind }) => kind === SpanKind.CLIENT);
  const text = await captured.metrics();
  const labels = /^http_client_request_duration_seconds_count\{([^}]*)\} 1$/m.exec(text)?.[1] ?? '';
  const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1];
  expect(labels, 'the metric of the call').not.toBe('');
  expect(label('error_type'), 'span and metric agree').toBe(span.attributes['error.type']);
  expect(label('http_response_status_code')).toBe(span.attributes['http.response.status_code']?.toString());
  return {
    errorType: label('error_type'),
    statusCode: span.attributes['http.response.status_code'],
    isError: span.status.code === SpanStatusCode.ERROR,
    span,
  };
}

type Get = (path: string, signal?: AbortSignal, toPort?: number) => Promise<unknown>;

function reading(get: typeof http.get): Get {
  return async (path, signal, toPort = port) => {
    const request = get({
      host: '127.0.0.1',
      port: toPort,
      path,
      agent: false,
      ...(signal ? { signal } : {}),
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    for await (const _ of response);
  };
}

const clients: [string, Get][] = [
  ['http', (...args) => reading(http.get)(...args)],
  ['http taken before init', reading(capturedGet)],
  [
    'axios',
    (path, signal, toPort = port) =>
      axios.get(`http://127.0.0.1:${toPort}${path}`, {
        validateStatus: () => true,
        ...(signal ? { signal } : {}),
      }),
  ],
  [
    'axios over fetch',
    (path, signal, toPort = port) =>
      axios.get(`http://127.0.0.1:${toPort}${path}`, {
        adapter: 'fetch',
        validateStatus: () => true,
        ...(signal ? { signal } : {}),
      }),
  ],
  [
    'fetch',
    async (path, signal, toPort = port) =>
      (await fetch(`http://127.0.0.1:${toPort}${path}`, signal ? { signal } : {})).arrayBuffer(),
  ],
];

/** The undici in Node 24 gives this error no code. */
const parserErrorOfFetch =
  Number.parseInt(process.versions.node, 10) < 24 ? 'HPE_INVALID_CONSTANT' : 'HTTPParserError';

describe.each(clients)('%s', (name, get) => {
  const isFetch = name.startsWith('fetch') || name.endsWith('fetch');

  test.each([
    ['a refused connection', 'ECONNREFUSED', async () => get('/200', undefined, await unusedPort())],
    ['a server that hangs up', isFetch ? 'UND_ERR_SOCKET' : 'ECONNRESET', () => get('/hang-up')],
    ['a body that breaks off', isFetch ? 'UND_ERR_SOCKET' : 'ECONNRESET', () => get('/half')],
    [
      'an answer that is not HTTP',
      isFetch ? parserErrorOfFetch : 'HPE_INVALID_CONSTANT',
      () => get('/not-http'),
    ],
  ])('%s: span and metric name the same error, by its code', async (_case, errorType, call) => {
    await expect(call()).rejects.toThrow();
    expect(await recorded()).toMatchObject({ errorType, isError: true });
  });

  test.each([404, 500])('status %i is the error type of both', async (statusCode) => {
    await get(`/${statusCode}`);
    expect(await recorded()).toMatchObject({ errorType: String(statusCode), statusCode, isError: true });
  });

  test('a timeout by a signal is an error that has a name, not a number', async () => {
    // Long enough for the request to be sent: what undici in Node 20 has not sent yet, it says was aborted.
    await expect(get('/no-answer', AbortSignal.timeout(250))).rejects.toThrow();
    const { errorType, isError } = await recorded();
    expect({ errorType, isError }).toEqual({ errorType: 'TimeoutError', isError: true });
  });

  test('a call that the service cancels is no error', async () => {
    const before = new AbortController();
    server.once('request', () => before.abort());
    await expect(get('/no-answer', before.signal)).rejects.toThrow();
    expect(await recorded()).toMatchObject({ errorType: undefined, isError: false });
  });

  test('a download that the service cancels is no error', async () => {
    const during = new AbortController();
    server.once('request', () => setImmediate(() => setImmediate(() => during.abort())));
    await expect(get('/endless', during.signal)).rejects.toThrow();
    expect(await recorded()).toMatchObject({ errorType: undefined, isError: false });
  });
});

test.each([
  ['an error of its own', new Error('the user has left'), undefined],
  ['a text', 'the user has left', undefined],
  ['a number', 7, undefined],
  ['an object', { left: true }, undefined],
  ['an error that says that it took too long', new Error('timed out after 5 s'), 'TimeoutError'],
  ['a text that says that it took too long', 'timeout', 'TimeoutError'],
])('fetch: a call that the service aborts with %s', async (_reason, reason, errorType) => {
  const controller = new AbortController();
  server.once('request', () => controller.abort(reason));
  await expect(fetch(`http://127.0.0.1:${port}/no-answer`, { signal: controller.signal })).rejects.toBe(
    reason,
  );
  expect(await recorded()).toMatchObject({ errorType, isError: errorType !== undefined });
});

test('a signal that is made of others hands on the reason of the service', async () => {
  const controller = new AbortController();
  const reason = new Error('left');
  server.once('request', () => controller.abort(reason));
  const signal = AbortSignal.any([controller.signal, new AbortController().signal]);
  await expect(fetch(`http://127.0.0.1:${port}/no-answer`, { signal })).rejects.toBe(reason);
  expect(await recorded()).toMatchObject({ errorType: undefined, isError: false });
});

test('http: a response that its reader destroys is no error', async () => {
  const request = http.get({ host: '127.0.0.1', port, path: '/endless', agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.destroy();
  expect(await recorded()).toMatchObject({ errorType: undefined, statusCode: 200, isError: false });
});

test('a body that is cancelled with a reason is no error', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/endless`);
  await response.body?.cancel(new Error('enough'));
  expect(await recorded()).toMatchObject({ errorType: undefined, statusCode: 200, isError: false });
});

test('an upload whose source fails is an error', async () => {
  const body = new ReadableStream({
    pull() {
      throw new RangeError('no more');
    },
  });
  const call = fetch(`http://127.0.0.1:${port}/no-answer`, {
    method: 'POST',
    body,
    duplex: 'half',
  } as RequestInit);
  await expect(call).rejects.toThrow();
  expect(await recorded()).toMatchObject({ isError: true });
});

test('a body that is cancelled after a 200 is no error', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/endless`);
  await response.body?.cancel();
  expect(await recorded()).toMatchObject({ errorType: undefined, statusCode: 200, isError: false });
});

test.each([
  ['fetch', async () => (await fetch(`http://127.0.0.1:${port}/endless`)).status],
  [
    'http',
    async () => {
      const [response] = await once(
        http.get(`http://127.0.0.1:${port}/endless`, () => {}),
        'response',
      );
      return response.statusCode;
    },
  ],
])(
  '%s: a caller that looks only at the status has its span and its metric, as long as the headers took',
  async (_name, get) => {
    const startMillis = performance.now();
    expect(await get()).toBe(200);
    const headersMillis = performance.now() - startMillis;
    const { errorType, isError, statusCode, span } = await recorded();
    expect({ errorType, isError, statusCode }).toEqual({
      errorType: undefined,
      isError: false,
      statusCode: 200,
    });
    const [seconds, nanos] = span.duration;
    expect(seconds * 1_000 + nanos / 1e6).toBeLessThanOrEqual(headersMillis + 1);
    const sum = /^http_client_request_duration_seconds_sum\{[^}]*\} (\S+)$/m.exec(
      await captured.metrics(),
    )?.[1];
    expect(Number(sum) * 1_000).toBeLessThanOrEqual(headersMillis + 1);
  },
);

test('a body that nobody reads is recorded when observability stops', async () => {
  await fetch(`http://127.0.0.1:${port}/endless`);
  await captured.stop();
  expect(captured.spans.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200]);
});
