import { metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { counter } from '../index.js';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { prometheusLabelName, prometheusLabels, prometheusMetricName } from './prometheus-names.js';

let captured: CapturedObservability;
beforeEach(() => {
  captured = captureObservability({ serviceName: 'orders' });
});
afterEach(() => captured.stop());

test('metrics of the OpenTelemetry API are in the same answer, with the identity', async () => {
  const meter = metrics.getMeter('service');
  meter.createCounter('orders.placed', { description: 'Orders placed.' }).add(2, { 'order.channel': 'web' });
  meter
    .createHistogram('render.duration', { unit: 's', advice: { explicitBucketBoundaries: [1, 2] } })
    .record(1.5);
  meter.createUpDownCounter('queue.depth').add(-3);
  meter.createObservableGauge('cpu.load', { unit: '1' }).addCallback((result) => result.observe(0.5));
  const text = (await captured.observability.metrics.render()).body;
  expect(text).toContain('# HELP orders_placed_total Orders placed.\n# TYPE orders_placed_total counter\n');
  expect(text).toContain('orders_placed_total{order_channel="web",service_name="orders"} 2\n');
  expect(text).toContain('# TYPE render_duration_seconds histogram\n');
  expect(text).toContain('render_duration_seconds_bucket{le="1",service_name="orders"} 0\n');
  expect(text).toContain('render_duration_seconds_bucket{le="2",service_name="orders"} 1\n');
  expect(text).toContain('render_duration_seconds_bucket{le="+Inf",service_name="orders"} 1\n');
  expect(text).toContain('render_duration_seconds_sum{service_name="orders"} 1.5\n');
  expect(text).toContain('queue_depth{service_name="orders"} -3\n');
  expect(text).toContain('cpu_load_ratio{service_name="orders"} 0.5\n');
});

test('a name that exists already is not served twice', async () => {
  counter({ name: 'both_total', help: 'x' }).inc();
  metrics.getMeter('service').createCounter('both').add(5);
  const text = (await captured.observability.metrics.render()).body;
  expect(text.match(/^both_total/gm)).toHaveLength(1);
});

test('an observable that throws costs the others nothing, and is counted', async () => {
  const meter = metrics.getMeter('service');
  meter.createObservableGauge('broken').addCallback(() => {
    throw new Error('no connection');
  });
  meter.createCounter('fine').add(1);
  await captured.metrics();
  const text = await captured.metrics();
  expect(text).toContain('fine_total{');
  expect(text).toMatch(/^throughline_collect_failures_total\{metric="of the OpenTelemetry API"[^}]*\} 2$/m);
  expect(captured.logLines.find(({ code }) => code === 'OBS_METRICS_COLLECT_FAILED')?.message).toContain(
    'no connection',
  );
});

test('after shutdown the API has no provider of ours', async () => {
  await captured.stop();
  captured = captureObservability();
  metrics.getMeter('service').createCounter('second').add(1);
  expect((await captured.observability.metrics.render()).body).toContain('second_total');
});

describe('names', () => {
  test.each([
    ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
    ['jobs', '{job}', 'counter', 'jobs_total'],
    ['jobs_total', '', 'counter', 'jobs_total'],
    ['io', 'By', 'counter', 'io_bytes_total'],
    ['memory.bytes', 'By', 'gauge', 'memory_bytes'],
    ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
    ['requests', '{request}/s', 'gauge', 'requests_per_second'],
    ['usage', '%', 'gauge', 'usage_percent'],
    ['2xx', '', 'counter', '_2xx_total'],
  ] as const)('%s in %s as %s', (name, unit, type, expected) => {
    expect(prometheusMetricName(name, unit, type)).toBe(expected);
  });

  test('attributes that are no labels, or become the same one', () => {
    expect(
      prometheusLabels({ 'a.b': 1, a_b: 'x', le: 5, quantile: '1', __name__: 'n', '': 'no', list: ['y'] }),
    ).toEqual({
      a_b: '1;x',
      exported_le: '5',
      exported_quantile: '1',
      key___name__: 'n',
      list: '["y"]',
    });
  });

  test('labels', () => {
    expect(prometheusLabelName('http.request.method')).toBe('http_request_method');
    expect(prometheusLabelName('1st')).toBe('key_1st');
  });
});
