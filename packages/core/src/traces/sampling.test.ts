import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { afterEach, expect, test } from 'vitest';
import { ObservabilityError, withSpan } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
let server: Server | undefined;

afterEach(async () => {
  server?.close();
  server = undefined;
  await captured.stop();
});

/** A service that answers 500 below `/fail`, and does a little work in every request. */
async function service(
  options: CaptureOptions,
): Promise<(path: string, init?: RequestInit) => Promise<void>> {
  captured = captureObservability(options);
  server = createServer((request, response) => {
    withSpan('work', () => {});
    response.statusCode = request.url?.startsWith('/fail') ? 500 : 200;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The test is a caller from outside: its own call must not begin the trace.
  const outside = suppressTracing(context.active());
  return (path, init) =>
    context.with(outside, async () => {
      await (await fetch(`http://127.0.0.1:${port}${path}`, init)).arrayBuffer();
    });
}

const serverSpans = () => captured.spans.filter(({ kind }) => kind === 1);
const paths = () => serverSpans().map(({ attributes }) => attributes['url.path']);
/** All series of a metric and the lines of their exemplars. */
const lines = async (name: string) =>
  (await captured.metrics()).split('\n').filter((line) => line.startsWith(name));

test('keepErrors: of unsampled requests those that fail are exported whole, with exemplars that lead to them', async () => {
  const get = await service({ traces: { samplingRatio: 0, keepErrors: true } });
  for (const path of ['/a', '/fail', '/b']) await get(path);
  const failed = await captured.waitForSpan(({ kind }) => kind === 1);
  const { traceId } = failed.spanContext();
  const local = captured.spans.filter((span) => span.spanContext().traceId === traceId);
  expect(local.map(({ name }) => name)).toEqual(expect.arrayContaining(['work', 'GET']));
  expect(paths()).toEqual(['/fail']);
  const exemplars = (await lines('http_server_request_duration_seconds_bucket')).filter((line) =>
    line.includes(' # {'),
  );
  expect(exemplars).toHaveLength(1);
  expect(exemplars[0]).toContain(traceId);
  expect(exemplars[0]).toContain('http_response_status_code="500"');
  expect(await lines('throughline_held_traces_total{')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/result="kept_error".*\} 1/),
      expect.stringMatching(/result="overflow".*\} 0/),
    ]),
  );
});

test('without these options nothing waits, and there is no such metric', async () => {
  const get = await service({ traces: { samplingRatio: 0 } });
  await get('/fail');
  expect(captured.spans).toEqual([]);
  expect(await lines('throughline_held_traces_total')).toEqual([]);
});

test('routeRatios: the first route that matches decides, the others have samplingRatio', async () => {
  const get = await service({
    traces: { samplingRatio: 0, routeRatios: { '/orders/none': 0, 'GET /orders/:id': 1, '/all/*': 1 } },
  });
  await get('/orders/7');
  await get('/orders/none');
  await get('/orders/7', { method: 'POST' });
  await get('/all/of/it?x=1');
  await get('/other');
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/all/of/it');
  expect(paths()).toEqual(['/orders/7', '/all/of/it']);
});

test('maxTracesPerSecond: new traces beyond it are not recorded; those that a caller began are', async () => {
  const get = await service({ traces: { maxTracesPerSecond: 0.001 } });
  const ours = { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` } };
  for (const path of ['/1', '/2', '/3']) await get(path);
  await get('/called', ours);
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/called');
  expect(paths()).toEqual(['/1', '/called']);
});

test('everything can be changed while the service runs, and goes back', async () => {
  const get = await service({ traces: { samplingRatio: 0 } });
  const { observability } = captured;
  observability.setSampling({ keepErrors: true, routeRatios: { '/checkout': 1 } });
  await get('/fail/1');
  await get('/checkout');
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/checkout');
  observability.setSampling({ keepErrors: false, routeRatios: {}, keepSlowerThanMillis: 0 });
  await get('/any');
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/any');
  observability.setSampling({ keepSlowerThanMillis: undefined, ratio: 1, maxTracesPerSecond: 0.001 });
  await get('/first');
  await get('/second');
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/first');
  expect(paths()).toEqual(['/fail/1', '/checkout', '/any', '/first']);
});

test('a wrong change is refused with its reason, and changes nothing', async () => {
  const get = await service({ traces: { samplingRatio: 0 } });
  const { observability } = captured;
  const refused = (changes: object) => {
    try {
      observability.setSampling({ ratio: 1, ...changes });
    } catch (error) {
      return error as ObservabilityError;
    }
    return undefined;
  };
  expect(refused({ keepErrors: 'yes' })?.message).toMatch(/keepErrors takes true or false/);
  expect(refused({ routeRatios: { orders: 1 } })?.message).toMatch(/routeRatios takes routes such as/);
  expect(refused({ keepSlowerThanMillis: -1 })?.message).toMatch(/from 0 to/);
  expect(refused({ ratios: 1 })?.message).toMatch(/'ratios' is not a setting of the sampling/);
  expect(refused({ ratio: 2 })).toBeInstanceOf(ObservabilityError);
  await get('/');
  expect(captured.spans).toEqual([]);
});

test('the environment sets them', async () => {
  const get = await service({
    env: {
      OTEL_TRACES_SAMPLER_ARG: '0',
      THROUGHLINE_TRACES_KEEP_ERRORS: 'true',
      THROUGHLINE_TRACES_ROUTE_RATIOS: 'GET /orders/:id=1, /reports/*=0.5',
      THROUGHLINE_TRACES_MAX_PER_SECOND: '100',
      THROUGHLINE_TRACES_KEEP_SLOWER_THAN: '60000',
    },
  });
  for (const path of ['/fail', '/', '/orders/7']) await get(path);
  await captured.waitForSpan(({ attributes }) => attributes['url.path'] === '/orders/7');
  expect(paths()).toEqual(['/fail', '/orders/7']);
});

test('with a sampler that decides about every span, routes and the limit would tear traces apart: said at start', async () => {
  await service({
    traces: { sampler: 'always_on', routeRatios: { '/a': 0 }, maxTracesPerSecond: 1 },
  });
  const said = captured.logLines.filter(({ message }) => message.includes('has no effect on new traces'));
  expect(said.map(({ message }) => /traces\.\w+/.exec(message)?.[0])).toEqual([
    'traces.routeRatios',
    'traces.maxTracesPerSecond',
  ]);
});

test('with such a sampler a change while the service runs is said to have no effect too; with a ratio it has one', async () => {
  await service({ traces: { sampler: 'always_on' } });
  const said = () =>
    captured.logLines.filter(({ message }) => message.includes('has no effect on new traces')).length;
  captured.observability.setSampling({ routeRatios: { '/a': 0 } });
  expect(said()).toBe(1);
  captured.observability.setSampling({ maxTracesPerSecond: 5 });
  expect(said()).toBe(2);
  captured.observability.setSampling({ routeRatios: {} });
  expect(said()).toBe(2);
  captured.observability.setSampling({ ratio: 0.5, routeRatios: { '/a': 0 } });
  expect(said()).toBe(2);
});
