import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { createServer, type RequestListener, type Server } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { logger } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
const closers: (() => void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await captured.stop();
});

function capture(options: CaptureOptions = {}): void {
  captured = captureObservability({ serviceName: 'test', team: 'core', ...options });
}

async function listen(server: net.Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  closers.push(() => {
    (server as Server).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (handler: RequestListener) => listen(createServer(handler));
const serverSpan = () => captured.waitForSpan((span) => span.kind === SpanKind.SERVER);

/** A request as bytes, so that the client adds nothing of its own. */
async function raw(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.end(text.replaceAll('\n', '\r\n'));
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

describe('a request to a node:http server', () => {
  test('becomes a server span by the stable semantic conventions', async () => {
    capture();
    const port = await serve((_request, response) => response.writeHead(201).end('made'));
    await raw(
      port,
      `POST /orders?page=2&token=abc HTTP/1.1\nHost: shop.example:8080\nUser-Agent: probe/1\nContent-Length: 0\nConnection: close\n\n`,
    );

    const span = await serverSpan();
    expect(span.name).toBe('POST');
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/orders',
      'url.query': 'page=2&token=REDACTED',
      'server.address': 'shop.example',
      'server.port': 8080,
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': expect.any(Number),
      'network.protocol.version': '1.1',
      'user_agent.original': 'probe/1',
      'http.response.status_code': 201,
    });
    expect(span.resource.attributes).toMatchObject({ 'service.name': 'test', team: 'core' });
  });

  test('continues the trace of the caller, and keeps a decision not to sample', async () => {
    capture();
    const port = await serve((_request, response) =>
      response.end(String(trace.getActiveSpan()?.isRecording())),
    );
    const sampled = '00-11111111111111111111111111111111-2222222222222222-01';
    const unsampled = '00-33333333333333333333333333333333-2222222222222222-00';
    expect(
      await raw(port, `GET / HTTP/1.1\nHost: a\ntraceparent: ${unsampled}\nConnection: close\n\n`),
    ).toContain('false');
    await raw(port, `GET / HTTP/1.1\nHost: a\ntraceparent: ${sampled}\nConnection: close\n\n`);

    const span = await serverSpan();
    expect(span.spanContext().traceId).toBe('1'.repeat(32));
    expect(span.parentSpanContext?.spanId).toBe('2'.repeat(16));
    expect(captured.spans).toHaveLength(1);
    // Metrics never depend on sampling; the exemplar only comes from the trace that exists.
    const metrics = await captured.metrics();
    expect(metrics).toMatch(/http_server_request_duration_seconds_count\{[^}]*\} 2\n/);
    expect(metrics).toContain(`trace_id="${'1'.repeat(32)}"`);
    expect(metrics).not.toContain('3'.repeat(32));
  });

  test('a 5xx answer is an error of the span, a 4xx answer is not', async () => {
    capture();
    const port = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    await (await fetch(`http://127.0.0.1:${port}/404`)).text();
    await (await fetch(`http://127.0.0.1:${port}/503`)).text();

    const byStatus = async (status: number) =>
      captured.waitForSpan(
        (span) => span.kind === SpanKind.SERVER && span.attributes['http.response.status_code'] === status,
      );
    const notFound = await byStatus(404);
    expect(notFound.status.code).toBe(SpanStatusCode.UNSET);
    expect(notFound.attributes['error.type']).toBeUndefined();
    const unavailable = await byStatus(503);
    expect(unavailable.status.code).toBe(SpanStatusCode.ERROR);
    expect(unavailable.attributes['error.type']).toBe('503');
    expect(await captured.metrics()).toMatch(/http_response_status_code="503",error_type="503"/);
  });

  test('runs every handler, listener and stream callback in the context of its span', async () => {
    capture();
    const seen: Record<string, string | undefined> = {};
    const note = (where: string) => {
      seen[where] = trace.getActiveSpan()?.spanContext().traceId;
      logger.info(where);
    };
    const port = await serve((request, response) => {
      note('handler');
      request.on('data', () => note('data'));
      request.once('end', async () => {
        note('end');
        setTimeout(() => note('timer'), 1);
        await new Promise((resolve) => setImmediate(resolve));
        note('after await');
        response.write('x', () => note('write callback'));
        response.end('y', () => note('end callback'));
      });
      request.on('close', () => note('request close'));
      response.on('finish', () => note('finish'));
      response.on('close', () => note('response close'));
    });
    await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'hello' })).text();
    const span = await serverSpan();
    await expect.poll(() => Object.keys(seen)).toHaveLength(10);

    const { traceId } = span.spanContext();
    for (const [where, id] of Object.entries(seen)) expect(`${where} ${id}`).toBe(`${where} ${traceId}`);
    for (const line of captured.logLines.filter((line) => line.message in seen)) {
      expect(line.trace_id).toBe(traceId);
    }
  });

  test('requests on one kept-alive connection do not share a context', async () => {
    capture();
    const port = await serve(async (request, response) => {
      for await (const _ of request);
      response.end(trace.getActiveSpan()?.spanContext().traceId);
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const request = http.request({ port, host: '127.0.0.1', agent, method: 'POST' });
      request.end('body');
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      let body = '';
      for await (const chunk of response) body += chunk;
      ids.add(body);
    }
    expect(ids.size).toBe(5);
  });

  test('a pipeline of request into response keeps working and keeps the context', async () => {
    capture();
    let after: string | undefined;
    const port = await serve(async (request, response) => {
      await pipeline(request, response);
      after = trace.getActiveSpan()?.spanContext().traceId;
    });
    const body = 'x'.repeat(300_000);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(await answer.text()).toBe(body);
    const span = await serverSpan();
    await expect.poll(() => after).toBe(span.spanContext().traceId);
  });

  test('a client that leaves before the answer ends the span, without blaming the server', async () => {
    capture();
    let aborted: (() => void) | undefined;
    const port = await serve((_request, response) => {
      response.on('close', () => aborted?.());
    });
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    const closed = new Promise<void>((resolve) => {
      aborted = resolve;
    });
    await expect.poll(() => captured.metrics()).toMatch(/http_server_active_requests\{[^}]*\} 1\n/);
    socket.destroy();
    await closed;

    const span = await serverSpan();
    expect(span.attributes['http.response.status_code']).toBeUndefined();
    expect(span.attributes['error.type']).toBe('client_disconnected');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(await captured.metrics()).toMatch(/http_server_active_requests\{[^}]*\} 0\n/);
  });

  test('a client that leaves with pipelined requests waiting ends all their spans', async () => {
    capture();
    const port = await serve((request, response) => {
      // Some have an answer that never leaves: the first one holds up all others.
      if (request.url?.endsWith('5')) response.end('later');
      request.resume();
    });
    const socket = net.connect(port, '127.0.0.1');
    const requests = Array.from(
      { length: 40 },
      (_, index) => `POST /${index} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx`,
    );
    socket.write(requests.join(''));
    await expect.poll(() => captured.metrics()).toMatch(/http_server_active_requests\{[^}]*\} 40\n/);
    socket.destroy();

    await expect.poll(() => captured.metrics()).toMatch(/http_server_active_requests\{[^}]*\} 0\n/);
    expect(captured.spans).toHaveLength(40);
    for (const { attributes } of captured.spans) {
      expect(attributes).toMatchObject({ 'error.type': 'client_disconnected' });
      expect(attributes).not.toHaveProperty('http.response.status_code');
    }
    expect(await captured.metrics()).toMatch(/http_server_request_duration_seconds_count\{[^}]*\} 40\n/);
  });

  test('pipelined requests that are answered are all counted as answered', async () => {
    capture();
    const port = await serve((_request, response) => setImmediate(() => response.end('ok')));
    await raw(
      port,
      `${'GET /a HTTP/1.1\nHost: a\n\n'.repeat(9)}GET /a HTTP/1.1\nHost: a\nConnection: close\n\n`,
    );
    await expect.poll(() => captured.spans.length).toBe(10);
    for (const { attributes } of captured.spans) {
      expect(attributes).toMatchObject({ 'http.response.status_code': 200 });
      expect(attributes).not.toHaveProperty('error.type');
    }
  });

  test('leaving an event stream is no error', async () => {
    capture();
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const controller = new AbortController();
    await fetch(`http://127.0.0.1:${port}/events`, { signal: controller.signal });
    controller.abort();
    const span = await serverSpan();
    expect(span.attributes['http.response.status_code']).toBe(200);
    expect(span.attributes['error.type']).toBeUndefined();
  });

  test('health and metrics paths make no spans, no series and no spans further down', async () => {
    capture({ http: { ignoreIncomingPaths: ['/healthz', /^\/internal\//] } });
    const port = await serve((_request, response) => {
      captured.observability.tracer.startSpan('below').end();
      response.end();
    });
    for (const path of ['/healthz', '/healthz?verbose=1', '/internal/x', '/real']) {
      await raw(port, `GET ${path} HTTP/1.1\nHost: a\nConnection: close\n\n`);
    }
    const span = await serverSpan();
    expect(span.attributes['url.path']).toBe('/real');
    expect(captured.spans.map((s) => s.name).sort()).toEqual(['GET', 'below']);
    expect(await captured.metrics()).toMatch(/http_server_request_duration_seconds_count\{[^}]*\} 1\n/);
  });

  test('captures the headers it is told to, and no others', async () => {
    capture({ http: { captureRequestHeaders: ['X-Tenant'], captureResponseHeaders: ['x-cache'] } });
    const port = await serve((_request, response) => response.writeHead(200, { 'X-Cache': 'hit' }).end());
    await raw(port, 'GET / HTTP/1.1\nHost: a\nX-Tenant: blue\nCookie: secret\nConnection: close\n\n');
    const { attributes } = await serverSpan();
    expect(attributes['http.request.header.x-tenant']).toEqual(['blue']);
    expect(attributes['http.response.header.x-cache']).toEqual(['hit']);
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });

  test('the client address comes from the proxy when that is trusted', async () => {
    capture();
    const port = await serve((_request, response) => response.end());
    await raw(port, 'GET / HTTP/1.1\nHost: a\nX-Forwarded-For: 203.0.113.9, 10.0.0.1\nConnection: close\n\n');
    expect((await serverSpan()).attributes).toMatchObject({
      'client.address': '203.0.113.9',
      'network.peer.address': '127.0.0.1',
    });
    await captured.stop();

    capture({ http: { trustForwardedHeaders: false } });
    const second = await serve((_request, response) => response.end());
    await raw(second, 'GET / HTTP/1.1\nHost: a\nX-Forwarded-For: 203.0.113.9\nConnection: close\n\n');
    expect((await serverSpan()).attributes['client.address']).toBe('127.0.0.1');
  });
});

describe('hostile and broken requests', () => {
  const hostile: [string, string][] = [
    ['no Host header', 'GET / HTTP/1.0\n\n'],
    ['a Host header that is no host', 'GET / HTTP/1.1\nHost: <script>:99999\nConnection: close\n\n'],
    ['a malformed traceparent', 'GET / HTTP/1.1\nHost: a\ntraceparent: 00-zz-01\nConnection: close\n\n'],
    [
      'two traceparents',
      'GET / HTTP/1.1\nHost: a\ntraceparent: 00-11111111111111111111111111111111-2222222222222222-01\ntraceparent: 00-33333333333333333333333333333333-2222222222222222-01\nConnection: close\n\n',
    ],
    [
      'an all-zero traceparent',
      `GET / HTTP/1.1\nHost: a\ntraceparent: 00-${'0'.repeat(32)}-${'0'.repeat(16)}-01\nConnection: close\n\n`,
    ],
    [
      'an oversized baggage',
      `GET / HTTP/1.1\nHost: a\nbaggage: k=${'v'.repeat(12_000)}\nConnection: close\n\n`,
    ],
    ['malformed baggage', 'GET / HTTP/1.1\nHost: a\nbaggage: ;;=,%%%,=x\nConnection: close\n\n'],
    ['an unknown method', 'PROPFIND / HTTP/1.1\nHost: a\nConnection: close\n\n'],
    ['a badly encoded path', 'GET /%E0%A4%A HTTP/1.1\nHost: a\nConnection: close\n\n'],
    ['an absolute target', 'GET http://user:pass@other/x?sig=1 HTTP/1.1\nHost: a\nConnection: close\n\n'],
    ['an asterisk target', 'OPTIONS * HTTP/1.1\nHost: a\nConnection: close\n\n'],
  ];

  test.each(hostile)('%s: the service answers, and the request is a new trace', async (_name, text) => {
    capture();
    const port = await serve((_request, response) => response.end('served'));
    expect(await raw(port, text)).toContain('served');
    const span = await serverSpan();
    expect(span.parentSpanContext).toBeUndefined();
    expect(JSON.stringify(span.attributes)).not.toContain('pass@');
    expect(JSON.stringify(span.attributes)).not.toContain('<script>');
  });

  test('an oversized tracestate does not break the trace', async () => {
    capture();
    const port = await serve((_request, response) => response.end('served'));
    const state = Array.from({ length: 40 }, (_, i) => `k${i}=${'v'.repeat(200)}`).join(',');
    await raw(
      port,
      `GET / HTTP/1.1\nHost: a\ntraceparent: 00-11111111111111111111111111111111-2222222222222222-01\ntracestate: ${state}\nConnection: close\n\n`,
    );
    const span = await serverSpan();
    expect(span.spanContext().traceId).toBe('1'.repeat(32));
    expect(span.spanContext().traceState?.serialize().length ?? 0).toBeLessThanOrEqual(512);
  });

  test('an unknown method is _OTHER on span and metric', async () => {
    capture();
    const port = await serve((_request, response) => response.end());
    await raw(port, 'PROPFIND /x HTTP/1.1\nHost: a\nConnection: close\n\n');
    const span = await serverSpan();
    expect(span.name).toBe('HTTP');
    expect(span.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    });
    expect(await captured.metrics()).toContain('http_request_method="_OTHER"');
  });
});

describe('other servers', () => {
  const { key, cert } = selfSigned();

  test('https', async () => {
    capture();
    const port = await listen(https.createServer({ key, cert }, (_request, response) => response.end('ok')));
    const request = https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, path: '/secure' });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    const span = await serverSpan();
    expect(span.attributes).toMatchObject({
      'url.scheme': 'https',
      'url.path': '/secure',
      'server.port': port,
    });
    const client = await captured.waitForSpan((s) => s.kind === SpanKind.CLIENT);
    expect(span.parentSpanContext?.spanId).toBe(client.spanContext().spanId);
  });

  test.each([
    ['http2 in the clear', () => http2.createServer(), 'http'],
    ['http2 over TLS', () => http2.createSecureServer({ key, cert }), 'https'],
  ] as const)('%s (compatibility API)', async (_name, create, scheme) => {
    capture();
    const server = create();
    let inEnd: string | undefined;
    server.on('request', (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => {
      request.on('end', () => {
        inEnd = trace.getActiveSpan()?.spanContext().traceId;
        response.writeHead(202);
        response.end('ok');
      });
      request.resume();
    });
    const port = await listen(server);
    const session = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
    closers.push(() => session.destroy());
    const stream = session.request({ ':path': '/two?password=x', ':method': 'POST' });
    stream.end('body');
    stream.resume();
    await once(stream, 'close');
    const span = await serverSpan();
    expect(span.attributes).toMatchObject({
      'http.request.method': 'POST',
      'url.scheme': scheme,
      'url.path': '/two',
      'url.query': 'password=REDACTED',
      'server.address': '127.0.0.1',
      'server.port': port,
      'network.protocol.version': '2',
      'http.response.status_code': 202,
      'client.address': '127.0.0.1',
    });
    expect(inEnd).toBe(span.spanContext().traceId);
  });

  describe.each([
    ['http2 in the clear', () => http2.createServer(), 'http'],
    ['http2 over TLS', () => http2.createSecureServer({ key, cert }), 'https'],
  ] as const)('%s (streams)', (_name, create, scheme) => {
    async function start(onStream: (stream: http2.ServerHttp2Stream) => void, options?: CaptureOptions) {
      capture(options);
      const server = create();
      (server as http2.Http2Server).on('stream', onStream);
      const port = await listen(server);
      const session = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
      session.on('error', () => {});
      closers.push(() => session.destroy());
      return { session, port };
    }

    test('a request has its span, metric and context', async () => {
      let inEnd: string | undefined;
      const { session, port } = await start((stream) => {
        stream.on('end', () => {
          inEnd = trace.getActiveSpan()?.spanContext().traceId;
          stream.respond({ ':status': 202 });
          stream.end('ok');
        });
        stream.resume();
      });
      const stream = session.request({
        ':path': '/two?password=x',
        ':method': 'POST',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      stream.end('body');
      stream.resume();
      await once(stream, 'close');
      const span = await serverSpan();
      expect(span.attributes).toMatchObject({
        'http.request.method': 'POST',
        'url.scheme': scheme,
        'url.path': '/two',
        'url.query': 'password=REDACTED',
        'server.port': port,
        'network.protocol.version': '2',
        'http.response.status_code': 202,
        'client.address': '127.0.0.1',
      });
      expect(span.attributes).not.toHaveProperty('error.type');
      expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
      expect(inEnd).toBe(span.spanContext().traceId);
      const text = await captured.metrics();
      expect(text).toMatch(
        /^http_server_request_duration_seconds_count\{http_request_method="POST",http_response_status_code="202"[^}]*\} 1$/m,
      );
      expect(text).toMatch(/^http_server_active_requests\{http_request_method="POST"[^}]*\} 0$/m);
    });

    test('a response without a body, and one from a failure', async () => {
      const { session } = await start((stream) => {
        stream.respond({ ':status': 503 }, { endStream: true });
      });
      const stream = session.request({ ':path': '/down' });
      stream.resume();
      await once(stream, 'close');
      expect(await serverSpan()).toMatchObject({
        attributes: { 'http.response.status_code': 503, 'error.type': '503' },
        status: { code: SpanStatusCode.ERROR },
      });
    });

    test('a client that leaves is no error of the server', async () => {
      const { session } = await start((stream) => {
        stream.on('error', () => {});
        stream.respond({ ':status': 200 });
        stream.write('half');
      });
      const stream = session.request({ ':path': '/half' });
      await once(stream, 'response');
      stream.close(http2.constants.NGHTTP2_CANCEL);
      const span = await serverSpan();
      expect(span.attributes).toMatchObject({
        'http.response.status_code': 200,
        'error.type': 'client_disconnected',
      });
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    });

    test('ignored paths have no span', async () => {
      const { session } = await start((stream) => stream.respond({ ':status': 200 }, { endStream: true }), {
        http: { ignoreIncomingPaths: ['/probe'] },
      });
      for (const path of ['/probe', '/real']) {
        const stream = session.request({ ':path': path });
        stream.resume();
        await once(stream, 'close');
      }
      await serverSpan();
      expect(captured.spans.map(({ attributes }) => attributes['url.path'])).not.toContain('/probe');
    });
  });

  test('a server with listeners for streams and for requests counts each request once', async () => {
    capture();
    const server = http2.createServer();
    server.on('stream', () => {});
    server.on('request', (_request, response) => response.end('ok'));
    const port = await listen(server);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    stream.resume();
    await once(stream, 'close');
    await serverSpan();
    expect(captured.spans.filter(({ kind }) => kind === SpanKind.SERVER)).toHaveLength(1);
  });

  test('an upgrade is a span until its handshake, in context', async () => {
    capture();
    let traceId: string | undefined;
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      traceId = trace.getActiveSpan()?.spanContext().traceId;
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      socket.on('data', (chunk) => socket.write(chunk));
    });
    const port = await listen(server);
    const request = http.get({
      port,
      host: '127.0.0.1',
      headers: { connection: 'Upgrade', upgrade: 'echo' },
    });
    const [, socket] = (await once(request, 'upgrade')) as [unknown, net.Socket];
    const span = await serverSpan();
    expect(span.attributes['http.response.status_code']).toBe(101);
    expect(span.spanContext().traceId).toBe(traceId);
    // The connection itself goes on untouched.
    socket.write('ping');
    expect(String((await once(socket, 'data'))[0])).toBe('ping');
    socket.destroy();
  });

  test('a refused upgrade has its status, an abandoned one ends too', async () => {
    capture();
    const server = createServer();
    server.on('upgrade', (request, socket) => {
      if (request.url === '/refused') socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      else socket.destroy();
    });
    const port = await listen(server);
    await raw(port, 'GET /refused HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\n');
    expect((await serverSpan()).attributes['http.response.status_code']).toBe(401);
    captured.reset();
    await raw(port, 'GET /gone HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\n').catch(() => {});
    expect((await serverSpan()).attributes['error.type']).toBe('client_disconnected');
  });

  test('expect: 100-continue', async () => {
    capture();
    const server = createServer();
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.resume();
      response.end('ok');
    });
    const port = await listen(server);
    const request = http.request({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': '1' },
    });
    request.once('continue', () => request.end('x'));
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    expect((await serverSpan()).name).toBe('PUT');
  });
});

describe('objects that a service makes of its request and response', () => {
  type Derive = <T extends object>(object: T) => T;
  const inherit: Derive = (object) => Object.create(object);
  const derivations: [string, Derive][] = [
    ['Object.create', inherit],
    ['Object.create, three times', (object) => inherit(inherit(inherit(object)))],
    ['a Proxy', (object) => new Proxy(object, {})],
    ['an object that inherits from a Proxy', (object) => inherit(new Proxy(object, {}))],
    [
      'Object.setPrototypeOf with a subclass',
      (object) => Object.setPrototypeOf(object, Object.create(Object.getPrototypeOf(object))),
    ],
    [
      'an emit that the service put before ours',
      (object) => {
        const { emit } = object as unknown as http.IncomingMessage;
        Object.assign(object, {
          emit(this: object, ...args: unknown[]) {
            return Reflect.apply(emit, this, args);
          },
        });
        return inherit(object);
      },
    ],
    [
      'a copy of all properties on a prototype of its own',
      (object) => Object.assign(Object.create(Object.getPrototypeOf(object)), object),
    ],
  ];

  test.each(derivations)('%s: events reach their listeners, in context', async (_name, derive) => {
    capture();
    const seen: unknown[] = [];
    const note = (event: string) => seen.push([event, trace.getActiveSpan()?.spanContext().spanId]);
    const port = await serve((request, response) => {
      const ours = derive(request);
      const theirs = derive(response);
      ours.on('mine', () => note('request'));
      theirs.on('mine', () => note('response'));
      ours.emit('mine');
      theirs.emit('mine');
      response.end('ok');
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok');
    const { spanId } = (await serverSpan()).spanContext();
    expect(seen).toEqual([
      ['request', spanId],
      ['response', spanId],
    ]);
  });

  test('a body is read through an object that inherits from the request', async () => {
    capture();
    const port = await serve((request, response) => {
      Object.create(request).resume();
      Object.create(request).pipe(response);
    });
    const body = 'x'.repeat(200_000);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(await answer.text()).toHaveLength(body.length);
    expect((await serverSpan()).attributes['http.response.status_code']).toBe(200);
  });

  test('a response that is detached from its socket does not take the process with it', async () => {
    capture();
    const port = await serve((_request, response) => {
      const { socket } = response;
      if (!socket) throw new Error('the response has no socket');
      response.detachSocket(socket);
      response.assignSocket(socket);
      response.end('ok');
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok');
    expect((await serverSpan()).attributes['http.response.status_code']).toBe(200);
  });

  test.each<[string, () => unknown]>([
    ['a revoked Proxy', revoked],
    ['an object without a prototype', () => Object.create(null)],
    ['an object whose getters throw', hostileObject],
    ['a frozen Error', () => Object.freeze(new Error('frozen'))],
  ])("%s as the value of 'error' reaches the listeners of the response", async (_name, make) => {
    capture();
    const value = make();
    let seen: unknown;
    const port = await serve((_request, response) => {
      response.on('error', (error) => {
        seen = error;
        response.writeHead(500).end();
      });
      response.emit('error', value as Error);
    });
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(500);
    expect(Object.is(seen, value)).toBe(true);
    expect((await serverSpan()).status.code).toBe(SpanStatusCode.ERROR);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function hostileObject(): object {
  const fail = () => {
    throw new Error('from a getter');
  };
  return Object.defineProperties(
    {},
    Object.fromEntries(
      ['name', 'message', 'stack', 'code', 'constructor', 'cause', 'toJSON'].map((name) => [
        name,
        { get: fail, enumerable: true },
      ]),
    ),
  );
}

describe('where and when', () => {
  test('a server that listened before init is observed', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    server.listen(0);
    await once(server, 'listening');
    closers.push(() => server.close());
    capture();
    await (await fetch(`http://localhost:${(server.address() as AddressInfo).port}/early`)).text();
    expect((await serverSpan()).attributes['url.path']).toBe('/early');
  });

  test('another library that has wrapped http.Server.prototype.emit is neither bypassed nor doubled', async () => {
    const { prototype } = http.Server;
    const before = prototype.emit;
    let theirs = 0;
    prototype.emit = function wrapped(this: Server, ...args: Parameters<Server['emit']>) {
      if ((args[0] as string) === 'request') theirs++;
      return Reflect.apply(before, this, args);
    } as typeof prototype.emit;
    closers.push(() => Reflect.deleteProperty(prototype, 'emit'));
    capture();
    const port = await serve((_request, response) => response.end());
    await raw(port, 'GET / HTTP/1.1\nHost: a\nConnection: close\n\n');
    await serverSpan();
    expect(theirs).toBe(1);
    expect(await captured.metrics()).toMatch(/http_server_request_duration_seconds_count\{[^}]*\} 1\n/);
    expect(captured.spans).toHaveLength(1);
  });

  test('after shutdown nothing of ours is left on the prototypes', async () => {
    const own = (prototype: object) => Object.hasOwn(prototype, 'emit');
    const before = [net.Server.prototype, http.Server.prototype, https.Server.prototype].map(own);
    capture();
    await captured.stop();
    expect([net.Server.prototype, http.Server.prototype, https.Server.prototype].map(own)).toEqual(before);
    const port = await serve((_request, response) => response.end('plain'));
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('plain');
    expect(captured.spans).toHaveLength(0);
  });

  test('an exception in a handler reaches the process as it would without us', async () => {
    capture();
    const failure = new Error('from the handler');
    const server = createServer(() => {
      throw failure;
    });
    const port = await listen(server);
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await caught).toBe(failure);
    for (const listener of listeners) process.on('uncaughtException', listener);
    socket.destroy();
  });
});

function selfSigned(): { key: string; cert: string } {
  const folder = temporaryFolder('throughline-tls-');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  return {
    key: readFileSync(join(folder, 'key.pem'), 'utf8'),
    cert: readFileSync(join(folder, 'cert.pem'), 'utf8'),
  };
}
