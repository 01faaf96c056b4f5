import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics as otelMetrics } from '@opentelemetry/api';
import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { otlpBody } from '../../test/otlp-body.js';
import { counter, histogram } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

interface Point {
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly attributes: readonly { readonly key: string }[];
}
interface Metric {
  readonly name: string;
  readonly sum?: { readonly aggregationTemporality: number; readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly aggregationTemporality: number; readonly dataPoints: readonly Point[] };
}

/** An OTLP intake that keeps what it is sent; `status` is what it answers. */
let intake: {
  url: string;
  requests: { metrics: Metric[]; headers: IncomingMessage['headers'] }[];
  status: number;
};
let captured: CapturedObservability;
let stopIntake: () => void;

beforeEach(async () => {
  const server = createServer(async (request, response) => {
    const { resourceMetrics } = JSON.parse(await otlpBody(request));
    const scopes = resourceMetrics[0].scopeMetrics as { metrics: Metric[] }[];
    intake.requests.push({ metrics: scopes.flatMap(({ metrics }) => metrics), headers: request.headers });
    response.writeHead(intake.status).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  intake = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`,
    requests: [],
    status: 200,
  };
  stopIntake = () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(async () => {
  await captured.stop();
  stopIntake();
});

/** The latest value of a metric in what was sent since the last call. */
function sent(name: string): Metric | undefined {
  const found = intake.requests.flatMap(({ metrics }) => metrics).filter((metric) => metric.name === name);
  return found.at(-1);
}

test('flush and shutdown push what is there, with the headers, and without an interval passing', async () => {
  captured = captureObservability({
    metrics: { push: { endpoint: intake.url, headers: { authorization: 'Bearer x' } } },
  });
  const jobs = counter({ name: 'pushed_jobs_total', help: 'Jobs.' });
  jobs.inc(2);
  await captured.observability.flush();
  expect(sent('pushed_jobs_total')?.sum).toMatchObject({
    aggregationTemporality: 2,
    dataPoints: [{ asDouble: 2 }],
  });
  expect(intake.requests[0]?.headers.authorization).toBe('Bearer x');
  jobs.inc();
  await captured.stop();
  expect(sent('pushed_jobs_total')?.sum?.dataPoints[0]?.asDouble).toBe(3);
});

test('delta sends what came since the last export, and nothing where nothing came', async () => {
  captured = captureObservability({ metrics: { push: { endpoint: intake.url, temporality: 'delta' } } });
  const jobs = counter({ name: 'delta_jobs_total', help: 'Jobs.' });
  const wait = histogram({ name: 'delta_wait_seconds', help: 'Waiting.', buckets: [1, 2] });
  const calls = otelMetrics.getMeter('app').createCounter('delta.calls');
  jobs.inc(5);
  wait.observe(0.5);
  wait.observe(3);
  calls.add(4);
  await captured.observability.flush();
  intake.requests.length = 0;
  jobs.inc(2);
  wait.observe(1.5);
  calls.add(1);
  await captured.observability.flush();
  expect(sent('delta_jobs_total')?.sum).toMatchObject({
    aggregationTemporality: 1,
    dataPoints: [{ asDouble: 2 }],
  });
  expect(sent('delta_wait_seconds')?.histogram).toMatchObject({
    aggregationTemporality: 1,
    dataPoints: [{ count: 1, sum: 1.5, bucketCounts: [0, 1, 0] }],
  });
  expect(sent('delta.calls')?.sum?.aggregationTemporality).toBe(1);
  expect(sent('delta.calls')?.sum?.dataPoints.map((point) => point.asDouble)).toEqual([1]);
  intake.requests.length = 0;
  await captured.observability.flush();
  expect(sent('delta_jobs_total')).toBeUndefined();
  expect(sent('delta_wait_seconds')).toBeUndefined();
});

test('an intake that refuses is counted and said once; the service goes on', async () => {
  intake.status = 400;
  captured = captureObservability({ metrics: { push: { endpoint: intake.url } } });
  await captured.observability.flush();
  await captured.observability.flush();
  expect(await captured.metrics()).toMatch(/throughline_metric_points_total\{result="failed"[^}]*\} [1-9]/);
  const said = captured.logLines.filter(({ code }) => code === 'OBS_EXPORT_FAILED');
  expect(said).toHaveLength(1);
  expect(said[0]?.message).toContain(intake.url);
});

test('what is not finite is left out, counted and said once per metric; the rest arrives', async () => {
  const registry = new Registry();
  captured = captureObservability({ metrics: { push: { endpoint: intake.url }, registries: [registry] } });
  const level = new Gauge({ name: 'level', help: 'l', labelNames: ['tank'], registers: [registry] });
  level.set({ tank: 'a' }, Number.NaN);
  level.set({ tank: 'b' }, 2);
  const api = otelMetrics.getMeter('app');
  api.createGauge('api.level').record(Number.POSITIVE_INFINITY);
  const spoiled = api.createHistogram('api.wait');
  spoiled.record(Number.POSITIVE_INFINITY);
  spoiled.record(3);
  await captured.observability.flush();
  await captured.observability.flush();
  expect(sent('level')?.gauge?.dataPoints).toMatchObject([{ asDouble: 2 }]);
  expect(sent('api.level')).toBeUndefined();
  const [point] = sent('api.wait')?.histogram?.dataPoints ?? [];
  expect(point?.count).toBe(2);
  expect(point).not.toHaveProperty('sum');
  // Three at each push.
  expect(await captured.metrics()).toMatch(/throughline_metric_points_total\{result="dropped"[^}]*\} 6$/m);
  const said = captured.logLines.filter(({ code }) => code === 'OBS_METRIC_VALUE_REJECTED');
  expect(said.map(({ message }) => message.split("'")[1]).sort()).toEqual(['api.level', 'api.wait', 'level']);
});

test.each([
  ['otlp', 1],
  ['prometheus', 0],
  ['none', 0],
])('OTEL_METRICS_EXPORTER=%s', async (exporter, requests) => {
  captured = captureObservability({
    env: { OTEL_METRICS_EXPORTER: exporter, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: intake.url },
  });
  await captured.observability.flush();
  expect(Math.min(1, intake.requests.length)).toBe(requests);
});

test('what the event loop has not measured since a scrape is not a value that was left out', async () => {
  captured = captureObservability({ metrics: { push: { endpoint: intake.url }, runtime: true } });
  await captured.metrics();
  await captured.observability.flush();
  await captured.observability.flush();
  expect(intake.requests.length).toBeGreaterThanOrEqual(2);
  expect(captured.logLines.filter(({ code }) => code === 'OBS_METRIC_VALUE_REJECTED')).toEqual([]);
  expect(await captured.metrics()).toMatch(/throughline_metric_points_total\{result="dropped"[^}]*\} 0/);
});

test('push: false never pushes', async () => {
  captured = captureObservability({
    env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: intake.url },
    metrics: { push: false },
  });
  await captured.observability.flush();
  expect(intake.requests).toEqual([]);
});
