import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http, { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { logger, type ObservabilityError, type ObservabilityOptions, withSpan } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

// Taken before init, as a service's own modules do.
const { request: capturedRequest } = http;

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const hashed = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 32);

let captured: CapturedObservability;
let stops: (() => void)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops) stop();
  stops = [];
  await captured?.stop();
});

const start = (
  legacyTraceHeader: ObservabilityOptions['legacyTraceHeader'],
  options: ObservabilityOptions = {},
) => {
  captured = captureObservability({ ...options, legacyTraceHeader });
};

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Headers = Record<string, string | string[]>;

/** Sends with nothing but these headers, from outside of Throughline. */
async function get(port: number, headers: Headers = {}): Promise<IncomingMessage> {
  const { default: net } = await import('node:net');
  const socket = net.connect(port, '127.0.0.1');
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
  socket.write(
    Buffer.from(['GET / HTTP/1.1', 'host: a', 'connection: close', ...lines, '', ''].join('\r\n'), 'latin1'),
  );
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  const head = text.split('\r\n\r\n')[0] ?? '';
  const responseHeaders = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { statusCode: Number(head.slice(9, 12)), headers: responseHeaders } as unknown as IncomingMessage;
}

const serverSpan = () => captured.waitForSpan((span) => span.kind === SpanKind.SERVER);
const said = (message: string) => captured.logLines.find((line) => line.message === message);
const series = async () =>
  [...(await captured.metrics()).matchAll(/^throughline_legacy_trace_headers_total\{([^}]*)\} (\S+)/gm)]
    .map(([, labels, value]) => `${labels?.replace(/,service_name.*/, '')} ${value}`)
    .sort();

/** A service that logs a line for every request. */
const logging = () =>
  serve((_request, response) => {
    logger.info('served');
    response.end();
  });

describe('a request with the old header', () => {
  test.each<[string, Headers, string]>([
    ['a UUID', { 'X-Trace-Id': '4bf92f35-77b3-4da6-a3ce-929d0e0e4736' }, id],
    ['free text', { 'x-trace-id': 'order 7' }, hashed('order 7')],
    ['twice the header: the first counts', { 'x-trace-id': ['first', 'second'] }, hashed('first')],
    ['a traceparent that is none', { traceparent: '00-zz', 'x-trace-id': id }, id],
    [
      'a traceparent of zeros',
      { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, 'x-trace-id': id },
      id,
    ],
  ])('%s starts the trace of that id, with the value on span and line', async (_, headers, traceId) => {
    start('x-trace-id');
    await get(await logging(), headers);
    const span = await serverSpan();
    const value = [Object.values(headers).at(-1) as string | string[]].flat()[0];
    expect(span.spanContext().traceId).toBe(traceId);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes.legacy_trace_id).toBe(value);
    expect(said('served')).toMatchObject({ trace_id: traceId, legacy_trace_id: value });
  });

  test('with a trace context as well continues that, and keeps the value', async () => {
    start('x-trace-id');
    await get(await logging(), { traceparent, 'x-trace-id': 'order 7' });
    const span = await serverSpan();
    expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(span.attributes.legacy_trace_id).toBe('order 7');
    expect(said('served')).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      legacy_trace_id: 'order 7',
    });
    // Its caller has moved.
    expect(await series()).toEqual([]);
  });

  test('the value of a caller that made it out of its trace id says nothing new', async () => {
    start('x-trace-id');
    await get(await logging(), { traceparent, 'x-trace-id': '0af7651916cd43dd8448eb211c80319c' });
    expect((await serverSpan()).attributes).not.toHaveProperty('legacy_trace_id');
    expect(said('served')).not.toHaveProperty('legacy_trace_id');
  });

  test('the most trusted header that has a usable value counts', async () => {
    start(['x-trace-id', 'X-Request-Id', 'x-correlation-id']);
    const port = await logging();
    await get(port, { 'x-correlation-id': 'third', 'x-request-id': 'second', 'x-trace-id': '0'.repeat(32) });
    expect((await serverSpan()).spanContext().traceId).toBe(hashed('second'));
  });

  test('children continue the trace, and only the first span carries the value', async () => {
    start('x-trace-id');
    const port = await serve((_request, response) => {
      withSpan('work', () => {});
      withSpan('apart', () => {}, { root: true });
      response.end();
    });
    await get(port, { 'x-trace-id': id });
    const server = await serverSpan();
    const work = await captured.waitForSpan((span) => span.name === 'work');
    expect(work.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
    expect(work.attributes).not.toHaveProperty('legacy_trace_id');
    const apart = await captured.waitForSpan((span) => span.name === 'apart');
    expect(apart.spanContext().traceId).not.toBe(id);
  });

  test('two requests of one id are two roots of one trace', async () => {
    start('x-trace-id');
    const port = await logging();
    await Promise.all([get(port, { 'x-trace-id': id }), get(port, { 'x-trace-id': id }), get(port)]);
    await captured.observability.flush();
    const ids = captured.spans.map((span) => span.spanContext().traceId);
    expect(ids.filter((traceId) => traceId === id)).toHaveLength(2);
    expect(new Set(captured.spans.map((span) => span.spanContext().spanId)).size).toBe(3);
  });

  test('sampling is decided as for any new trace, by its id', async () => {
    start('x-trace-id', { traces: { samplingRatio: 0.5 } });
    const port = await logging();
    const low = `${'0'.repeat(31)}1`;
    const high = `ffffffff${'0'.repeat(24)}`;
    await get(port, { 'x-trace-id': low });
    await get(port, { 'x-trace-id': high });
    await captured.observability.flush();
    expect(captured.spans.map((span) => span.spanContext().traceId)).toEqual([low]);
    // Logs have the id in any case.
    const lines = captured.logLines.filter((line) => line.message === 'served');
    expect(lines.map((line) => line.trace_id)).toEqual([low, high]);
  });

  test.each<[string, Headers]>([
    ['nothing', { 'x-trace-id': '' }],
    ['zeros', { 'x-trace-id': '0'.repeat(32) }],
    ['a comma', { 'x-trace-id': ' , ' }],
  ])('%s is no old header', async (_, headers) => {
    start('x-trace-id');
    await get(await logging(), headers);
    expect((await serverSpan()).attributes).not.toHaveProperty('legacy_trace_id');
    expect(await series()).toEqual([]);
  });

  test('hostile values are cut, and cannot forge anything', async () => {
    start('x-trace-id');
    const long = 'x'.repeat(10_000);
    await get(await logging(), { 'x-trace-id': `\u00e9\u0085\t"}{"level":"error"${long}` });
    const value = (await serverSpan()).attributes.legacy_trace_id as string;
    expect(value).toHaveLength(512);
    expect(value).toMatch(/^[\x20-\x7e]*$/);
  });

  test.each<[string, unknown]>([
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a list', ['one', 'two']],
    ['an empty list', []],
    ['a list of lists', [['one']]],
    ['a number', 7],
    ['an object', { toString: () => 'x' }],
    ['line breaks', 'a\r\nb: c\n{"level":"error"}'],
  ])('%s from a propagation call does no harm', (_, value) => {
    start('x-trace-id');
    const extracted = propagation.extract(ROOT_CONTEXT, { 'x-trace-id': value });
    const carrier: Record<string, string> = {};
    propagation.inject(
      trace.setSpan(extracted, captured.observability.tracer.startSpan('s', {}, extracted)),
      carrier,
    );
    expect(carrier['x-trace-id']?.length).toBeLessThanOrEqual(512);
    expect(carrier['x-trace-id']).toMatch(/^[\x20-\x7e]+$/);
  });

  test('nothing of it runs without the option', async () => {
    start(undefined);
    await get(await logging(), { 'x-trace-id': id });
    expect((await serverSpan()).spanContext().traceId).not.toBe(id);
    expect(said('served')).not.toHaveProperty('legacy_trace_id');
    expect(await captured.metrics()).not.toContain('legacy');
  });

  test('another configured propagator goes first as well', async () => {
    start('x-trace-id', { traces: { propagators: ['b3'] } });
    await get(await logging(), {
      b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1',
      'x-trace-id': id,
    });
    expect((await serverSpan()).parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  });
});

describe('outgoing calls', () => {
  let received: IncomingMessage['headers'][];
  let rawNames: string[];
  const target = () => {
    received = [];
    return serve((request, response) => {
      received.push(request.headers);
      rawNames = request.rawHeaders.filter((_, index) => index % 2 === 0);
      response.end();
    });
  };
  const drain = async (request: http.ClientRequest) => {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'close');
  };
  type Call = (url: string, headers?: Record<string, string>) => Promise<unknown>;
  const calls: [string, Call][] = [
    ['fetch', async (url, headers = {}) => (await fetch(url, { headers })).text()],
    ['http.get', (url, headers = {}) => drain(http.get(url, { headers }))],
    ['http.request taken before init', (url, headers = {}) => drain(capturedRequest(url, { headers }).end())],
  ];

  describe.each(calls)('%s', (_, call) => {
    const passOn = async (headers: Headers, own?: Record<string, string>) => {
      const to = await target();
      const port = await serve((_request, response) => {
        void call(`http://127.0.0.1:${to}/`, own).then(() => response.end());
      });
      await get(port, headers);
      return received[0] ?? {};
    };

    test('carries the value as it came beside the trace context', async () => {
      start('X-Trace-Id');
      const headers = await passOn({ 'x-trace-id': 'Order 7' });
      expect(headers['x-trace-id']).toBe('Order 7');
      expect(headers.traceparent).toContain(hashed('Order 7'));
    });

    test('carries the trace id where no value came', async () => {
      start('x-trace-id');
      const headers = await passOn({});
      expect(headers['x-trace-id']).toBe(headers.traceparent?.slice(3, 35));
      expect(await series()).toContain('direction="out",source="throughline" 1');
    });

    test('leaves a header that the application set itself', async () => {
      start('x-trace-id');
      const headers = await passOn({ 'x-trace-id': 'came' }, { 'X-Trace-ID': 'own' });
      expect(headers['x-trace-id']).toBe('own');
      expect(rawNames.filter((name) => name.toLowerCase() === 'x-trace-id')).toHaveLength(1);
      expect(headers.traceparent).toContain(hashed('came'));
      expect(await series()).toContain('direction="out",source="application" 1');
      expect(
        said('The code of this service sets the old trace header. Throughline already sends it.'),
      ).toBeDefined();
    });

    test('carries the other header too under which the value came', async () => {
      start(['x-trace-id', 'X-Request-Id']);
      const headers = await passOn({ 'x-request-id': 'r-1' });
      expect(headers).toMatchObject({ 'x-trace-id': 'r-1', 'x-request-id': 'r-1' });
    });

    test('writes a header of a form of its own in that form', async () => {
      start(['x-amzn-trace-id', 'x-trace-id']);
      const headers = await passOn({ 'x-trace-id': id });
      expect(headers).toMatchObject({
        'x-amzn-trace-id': 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736',
        'x-trace-id': id,
      });
    });

    test('carries nothing of it with send off', async () => {
      start({ name: 'x-trace-id', send: false });
      const headers = await passOn({ 'x-trace-id': 'came' });
      expect(headers).not.toHaveProperty('x-trace-id');
      expect(headers.traceparent).toContain(hashed('came'));
    });
  });

  test('a call outside any trace makes its own', async () => {
    start('x-trace-id');
    const to = await target();
    await (await fetch(`http://127.0.0.1:${to}/`)).text();
    expect(received[0]?.['x-trace-id']).toBe(received[0]?.traceparent?.slice(3, 35));
  });
});

describe('responses', () => {
  const respond = async (option: 'traceresponse' | 'legacy' | 'both' | false, headers: Headers = {}) => {
    start({ name: 'X-Trace-Id', respond: option });
    const { headers: answered } = await get(await logging(), headers);
    return { answered, span: await serverSpan() };
  };

  test('carry the span as traceresponse', async () => {
    const { answered, span } = await respond('traceresponse', { 'x-trace-id': id });
    expect(answered.traceresponse).toBe(`00-${id}-${span.spanContext().spanId}-01`);
    expect(answered).not.toHaveProperty('x-trace-id');
  });

  test('carry the old header as it came, or the trace id', async () => {
    expect((await respond('legacy', { 'x-trace-id': 'order 7' })).answered['x-trace-id']).toBe('order 7');
    await captured.stop();
    const { answered, span } = await respond('both');
    expect(answered['x-trace-id']).toBe(span.spanContext().traceId);
    expect(answered.traceresponse).toContain(span.spanContext().traceId);
  });

  test('carry nothing unless asked to', async () => {
    const { answered } = await respond(false, { 'x-trace-id': id });
    expect(answered).not.toHaveProperty('x-trace-id');
    expect(answered).not.toHaveProperty('traceresponse');
  });

  test("keep the service's own header", async () => {
    start({ name: 'x-trace-id', respond: 'both' });
    const port = await serve((_request, response) => response.writeHead(200, { 'X-Trace-Id': 'own' }).end());
    expect((await get(port)).headers['x-trace-id']).toBe('own');
  });
});

describe('who is left', () => {
  test.each<[string, Headers, string]>([
    ['baggage', { baggage: 'service.name=cart', 'user-agent': 'axios/1.7.2' }, 'cart'],
    ['the header for it', { 'x-client-name': 'billing', 'user-agent': 'axios/1.7.2' }, 'billing'],
    ['the user agent', { 'user-agent': 'Axios/1.7.2 (linux)' }, 'axios'],
    ['the network', {}, 'loopback'],
  ])('callers are named by %s', async (_, headers, source) => {
    start({ name: 'x-trace-id', sourceHeader: 'X-Client-Name', send: false });
    const port = await logging();
    await get(port, { 'x-trace-id': 'a', ...headers });
    await get(port, { 'x-trace-id': 'b', ...headers });
    await get(port, headers);
    expect(await series()).toEqual([`direction="in",source="${source}" 2`]);
    const lines = captured.logLines.filter(
      (line) => line.message === 'A caller still sends the old trace header.',
    );
    expect(lines).toMatchObject([{ level: 'info', header: 'x-trace-id', source }]);
  });

  test('hostile names are cut, and no more than a hundred', async () => {
    start({ name: 'x-trace-id', sourceHeader: 'x-client-name' });
    const extract = (name: string) =>
      propagation.extract(ROOT_CONTEXT, { 'x-trace-id': id, 'x-client-name': name });
    extract(`"\n${'x'.repeat(500)}`);
    for (let i = 0; i < 500; i++) extract(`pod-${i}`);
    const counted = await series();
    expect(counted).toHaveLength(101);
    expect(counted).toContain('direction="in",source="other" 401');
    expect(Math.max(...counted.map((line) => line.length))).toBeLessThan(120);
  });

  test('a request that is extracted from twice counts once', async () => {
    start('x-trace-id');
    const headers = { 'x-trace-id': id };
    propagation.extract(ROOT_CONTEXT, headers);
    propagation.extract(ROOT_CONTEXT, headers);
    expect(await series()).toEqual(['direction="in",source="unknown" 1']);
  });
});

describe('acceptUntil', () => {
  const day = 86_400_000;
  const at = (text: string) =>
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(text) });
  const warnings = () =>
    captured.logLines.filter((line) => line.level === 'warn').map((line) => line.message);
  const extractedId = () =>
    trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { 'x-trace-id': id }))?.traceId;

  test('counts through the whole day, warns for 14 days before, and is no longer used after it', async () => {
    at('2027-03-01T00:00:00Z');
    start({ name: 'x-trace-id', acceptUntil: '2027-03-31' });
    vi.advanceTimersByTime(16 * day);
    expect(warnings()).toEqual([]);
    vi.advanceTimersByTime(day);
    expect(warnings()).toEqual(['The old trace header will soon no longer be used.']);
    expect(captured.logLines.at(-1)).toMatchObject({ until: '2027-04-01T00:00:00.000Z', days_left: 14 });
    vi.advanceTimersByTime(14 * day - 1);
    expect(warnings()).toHaveLength(14);
    expect(extractedId()).toBe(id);
    vi.advanceTimersByTime(1);
    expect(warnings().at(-1)).toMatch(/is no longer used, because legacyTraceHeader.acceptUntil has passed/);
    expect(extractedId()).toBeUndefined();
    expect(warnings().at(-1)).toMatch(/A caller sends only the old trace header/);
    // Still counted.
    expect(await series()).toEqual(['direction="in",source="unknown" 2']);
  });

  test('a date in the past is said at start, and nothing of the header is kept', async () => {
    start({ name: 'x-trace-id', acceptUntil: '2020-01-01T12:00:00+02:00' });
    expect(warnings()[0]).toMatch(/acceptUntil has passed/);
    await get(await logging(), { traceparent, 'x-trace-id': id });
    expect((await serverSpan()).attributes).not.toHaveProperty('legacy_trace_id');
  });
});

describe('wrong options', () => {
  const failure = (legacyTraceHeader: unknown) => {
    try {
      start(legacyTraceHeader as ObservabilityOptions['legacyTraceHeader']);
      return undefined;
    } catch (error) {
      return (error as ObservabilityError).message;
    }
  };

  test.each<[unknown, RegExp]>([
    ['', /legacyTraceHeader\.name' takes the name of a header/],
    ['x trace', /takes the name of a header/],
    ['traceparent', /'traceparent' is a header with another meaning/],
    ['Authorization', /another meaning/],
    [[], /from 1 to 16/],
    [7, /'legacyTraceHeader' must be an object/],
    [{ nam: 'x' }, /did you mean 'legacyTraceHeader\.name'/],
    [{ name: 'x-trace-id', acceptUntil: '2027-02-30' }, /acceptUntil' takes a date such as/],
    [{ name: 'x-trace-id', acceptUntil: '31.03.2027' }, /acceptUntil' takes a date such as/],
    [{ name: 'x-trace-id', acceptUntil: '2027-03-31T18:00:00' }, /with its zone/],
    [{ name: 'x-trace-id', acceptUntil: '2027-13-01' }, /acceptUntil/],
    [{ name: 'x-trace-id', send: 'yes' }, /send' takes true or false/],
    [{ name: 'x-trace-id', respond: true }, /respond' takes one of/],
  ])('%j is refused at start', (option, message) => {
    expect(failure(option)).toMatch(message);
  });

  test('names come from the environment too; a wrong one is a warning', async () => {
    captured = captureObservability({ env: { THROUGHLINE_LEGACY_TRACE_HEADER: 'x-trace-id, x-request-id' } });
    await get(await logging(), { 'x-request-id': id });
    expect((await serverSpan()).spanContext().traceId).toBe(id);
    await captured.stop();
    captured = captureObservability({ env: { THROUGHLINE_LEGACY_TRACE_HEADER: 'traceparent' } });
    expect(captured.logLines.map((line) => line.code)).toContain('OBS_ENVIRONMENT_INVALID');
  });
});
