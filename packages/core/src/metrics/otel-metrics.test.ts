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

test('attributes are bounded: long values are cut, and there are at most 64', async () => {
  const counted = metrics.getMeter('service').createCounter('bounded');
  counted.add(1, { long: 'x'.repeat(1_000_000), list: ['a'.repeat(300), 'b'] });
  counted.add(2, Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key_${i}`, i])));
  const text = (await captured.observability.metrics.render()).body;
  const [first = '', second = ''] = text.split('\n').filter((line) => line.startsWith('bounded_total{'));
  expect(/long="([^"]*)"/.exec(first)?.[1]).toBe(`${'x'.repeat(255)}…`);
  expect(first.length).toBeLessThan(700);
  expect(second.match(/key_\d+=/g)).toHaveLength(64);
});

test('a name that exists already is not served twice', async () => {
  counter({ name: 'both_total', help: 'x' }).inc();
  metrics.getMeter('service').createCounter('both').add(5);
  const text = (await captured.observability.metrics.render()).body;
  expect(text.match(/^both_total/gm)).toHaveLength(1);
});

test('attributes that become one label give one series, with the sum', async () => {
  const meter = metrics.getMeter('service');
  const orders = meter.createCounter('orders');
  orders.add(1, { 'x.y': 'a' });
  orders.add(2, { x_y: 'a' });
  meter.createHistogram('work', { unit: 's' }).record(0.2, { 'x.y': 'a' });
  meter.createHistogram('work', { unit: 's' }).record(0.2, { x_y: 'a' });
  const text = await captured.metrics();
  expect(text.match(/^orders_total\{.*/gm)).toEqual([expect.stringMatching(/^orders_total\{x_y="a".* 3$/)]);
  expect(text.match(/^work_seconds_count\{.*/gm)).toEqual([expect.stringMatching(/ 2$/)]);
  expect(text.match(/^work_seconds_bucket\{le="0.25".*/gm)).toEqual([expect.stringMatching(/ 2$/)]);
});

test('two meters with one name are one metric, whatever their labels', async () => {
  metrics.getMeter('one').createCounter('shared').add(1, { a: 'x' });
  metrics.getMeter('two').createCounter('shared').add(2, { a: 'x' });
  metrics.getMeter('two').createCounter('shared').add(4, { b: 'y' });
  const text = await captured.metrics();
  expect(text.match(/^# TYPE shared /gm)).toHaveLength(1);
  expect(text).toMatch(/^shared_total\{a="x".* 3$/m);
  expect(text).toMatch(/^shared_total\{b="y".* 4$/m);
});

test('histograms of two meters with other bounds are told apart', async () => {
  const advice = { explicitBucketBoundaries: [1, 2] };
  metrics.getMeter('one').createHistogram('wait', { unit: 's' }).record(0.2);
  metrics.getMeter('two').createHistogram('wait', { unit: 's', advice }).record(1.5);
  const text = await captured.metrics();
  expect(text.match(/^# TYPE wait_seconds /gm)).toHaveLength(1);
  expect(text).toMatch(/^wait_seconds_bucket\{le="0.25",service_name="orders"[^}]*\} 1 *#?.*$/m);
  expect(text).toMatch(/^wait_seconds_bucket\{le="2.0",otel_scope_name="two".* 1$/m);
});

test('a histogram in seconds has bounds in seconds, one in milliseconds those of the SDK', async () => {
  const meter = metrics.getMeter('service');
  meter.createHistogram('slow', { unit: 's' }).record(0.007);
  meter.createHistogram('fast', { unit: 'ms' }).record(7);
  const text = await captured.metrics();
  expect(text).toMatch(/^slow_seconds_bucket\{le="0.005".* 0$/m);
  expect(text).toMatch(/^slow_seconds_bucket\{le="0.01".* 1$/m);
  expect(text).toMatch(/^fast_milliseconds_bucket\{le="10000.0".* 1$/m);
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
