import { once } from 'node:events';
import http, { createServer, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { context, propagation, SpanKind, type TracerProvider, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSpan } from '../index.js';
import { captureObservability } from '../testing.js';

/*
 * The stock instrumentation is the oracle: the same calls have the same spans and send the same headers, whichever of the
 * two observes them.
 */
let port: number;
let received: IncomingMessage['headers'];
const server = createServer((request, response) => {
  received = request.headers;
  response.statusCode = Number(/\d{3}/.exec(request.url ?? '')?.[0] ?? 200);
  response.end('ok');
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const options = (more: http.RequestOptions = {}): http.RequestOptions => ({
  host: '127.0.0.1',
  port,
  path: '/200',
  ...more,
});

const calls: [string, () => http.ClientRequest][] = [
  ['a text', () => http.get(`http://127.0.0.1:${port}/200?page=1`)],
  ['a text and options', () => http.get(`http://127.0.0.1:${port}/200`, { headers: { 'x-one': '1' } })],
  ['a URL', () => http.get(new URL(`http://127.0.0.1:${port}/404`))],
  ['options', () => http.request(options()).end()],
  ['a port as text', () => http.request(options({ port: String(port) })).end()],
  ['a name', () => http.request({ hostname: 'localhost', port, path: '/200', family: 4 }).end()],
  ['another method', () => http.request(options({ method: 'POST' })).end('body')],
  ['a user', () => http.request(options({ auth: 'user:s3cret' })).end()],
  ['a user in the URL', () => http.get(`http://user:s3cret@127.0.0.1:${port}/200`)],
  ['a Host header of its own', () => http.request(options({ headers: { Host: 'shop.example' } })).end()],
  [
    'a URL and a Host header of its own',
    () => http.get(`http://127.0.0.1:${port}/200`, { headers: { host: 'shop.example:81' } }),
  ],
  ['a user agent', () => http.request(options({ headers: { 'user-agent': 'shop/1.0' } })).end()],
  ['Expect', () => http.request(options({ method: 'PUT', headers: { Expect: '100-continue' } })).end('body')],
  [
    'the trace of another',
    () =>
      http.request(options({ headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } })).end(),
  ],
  ['a long path', () => http.request(options({ path: `/200/${'x'.repeat(200)}` })).end()],
];

async function drained(call: () => http.ClientRequest): Promise<void> {
  const [response] = (await once(call(), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'close');
}

async function byThroughline(call: () => http.ClientRequest) {
  const captured = captureObservability({ http: { ignoreIncomingPaths: [/.*/] }, logs: { level: 'error' } });
  try {
    await withSpan('caller', () => drained(call));
    const span = await captured.waitForSpan(({ kind }) => kind === 2);
    return { name: span.name, attributes: span.attributes, status: span.status.code };
  } finally {
    await captured.stop();
  }
}

async function byStock(call: () => http.ClientRequest) {
  const exporter = new InMemorySpanExporter();
  const provider: TracerProvider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const stock = new HttpInstrumentation({ disableIncomingRequestInstrumentation: true, enabled: false });
  stock.setTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const originals = [http, https].map((module) => ({ module, request: module.request, get: module.get }));
  for (const { name, patch } of stock.getModuleDefinitions()) patch?.(name === 'http' ? http : https);
  try {
    const caller = provider.getTracer('test').startSpan('caller');
    await context.with(trace.setSpan(context.active(), caller), () => drained(call));
    const [span] = exporter.getFinishedSpans();
    return { name: span?.name, attributes: span?.attributes, status: span?.status.code };
  } finally {
    for (const { module, request, get } of originals) Object.assign(module, { request, get });
    context.disable();
    propagation.disable();
  }
}

test.each(calls)('%s', async (_name, call) => {
  const stock = await byStock(call);
  const { traceparent: _stock, ...stockHeaders } = received;
  const ours = await byThroughline(call);
  const { traceparent, ...headers } = received;
  // By the semantic conventions, which the stock instrumentation follows only in its metric.
  const failed = Number(stock.attributes?.['http.response.status_code']) >= 400;
  const errorType = failed ? { 'error.type': String(stock.attributes?.['http.response.status_code']) } : {};
  expect(ours).toEqual({ ...stock, attributes: { ...stock.attributes, ...errorType } });
  expect(headers).toEqual(stockHeaders);
  expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(traceparent).not.toContain('a'.repeat(32));
});

test.each([
  ['the spans are its own', {}, '@opentelemetry/instrumentation-http'],
  ['unless its outgoing half is off', { disableOutgoingRequestInstrumentation: true }, '@throughline/core'],
])('where the service lists the stock instrumentation, a call has one span: %s', async (_, config, scope) => {
  const captured = captureObservability({
    instrumentations: [new HttpInstrumentation({ ...config, disableIncomingRequestInstrumentation: true })],
  });
  try {
    const [response] = (await once(http.get(options()), 'response')) as [IncomingMessage];
    await once(response.resume(), 'close');
    const span = await captured.waitForSpan(({ kind }) => kind === SpanKind.CLIENT);
    expect(span.instrumentationScope.name).toBe(scope);
    expect(received.traceparent).toContain(span.spanContext().spanId);
    expect(captured.spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toHaveLength(1);
    expect(await captured.metrics()).toMatch(/http_client_request_duration_seconds_count\{[^}]*\} 1\n/);
  } finally {
    await captured.stop();
  }
});
