import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics as otel } from '@opentelemetry/api';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { counter, gauge, histogram, logger, withSpan } from '../index.js';
import { processState } from '../instance/process-state.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';
import type { Contract } from './contract.js';

const contract: Contract = {
  mode: 'error',
  labels: { forbidden: ['user_id'] },
  metrics: { naming: true },
};

let captured: CapturedObservability;
const start = (options: CaptureOptions = {}) => {
  captured = captureObservability({ serviceName: 'orders', contract, ...options });
};
afterEach(async () => {
  await captured.stop();
  // The service's own metrics outlive an instance; no test shall see those of another.
  processState().applicationMetrics = undefined;
});

const violations = async (rule: string) =>
  Number(
    new RegExp(`throughline_contract_violations_total\\{rule="${rule}",.*\\} (\\d+)`).exec(
      await captured.metrics(),
    )?.[1],
  );
const complaints = () => captured.logLines.filter(({ code }) => code === 'OBS_CONTRACT_BREACHED');
/** Samples of one metric without the identity. */
const samples = async (name: string) =>
  (await captured.metrics())
    .split('\n')
    .filter((line) => line.startsWith(name))
    .map((line) => line.replace(/,?service_name="orders"/, '').replace(/ # .*/, ''));

describe('a forbidden label is dropped, and its series become one', () => {
  test('counter(): they add up, and the exemplar stays', async () => {
    start();
    const visits = counter({ name: 'c1_total', help: 'Visits.', labelNames: ['user_id', 'channel'] });
    for (let user = 0; user < 3_000; user++) visits.inc({ user_id: user, channel: 'web' });
    withSpan('visit', () => visits.inc({ user_id: 1, channel: 'shop' }));
    expect(await samples('c1_total')).toEqual(['c1_total{channel="web"} 3000', 'c1_total{channel="shop"} 1']);
    expect(await captured.metrics()).toMatch(/c1_total\{channel="shop",.*\} 1 # \{trace_id=/);
    // Three thousand users, and no overflow: the label never got in.
    expect(await captured.metrics()).not.toContain('throughline_series_overflow_total{');
    expect(await violations('label_forbidden')).toBe(1);
    expect(complaints()).toHaveLength(1);
    expect(complaints()[0]?.message).toBe(
      "The service does not meet its contract: metric 'c1_total' has the label 'user_id', which is forbidden.",
    );
  });

  test('gauge(): the last value stays, set by the service or at the scrape', async () => {
    start();
    const depth = gauge({ name: 'g1', help: 'Depth.', labelNames: ['user_id'] });
    depth.set({ user_id: 1 }, 3);
    depth.set({ user_id: 2 }, 5);
    gauge({
      name: 'g2',
      help: 'Depth.',
      labelNames: ['user_id'],
      collect() {
        this.set({ user_id: 1 }, 3);
        this.set({ user_id: 2 }, 7);
      },
    });
    expect(await samples('g1')).toEqual(['g1{} 5']);
    expect(await samples('g2')).toEqual(['g2{} 7']);
  });

  test('histogram(): buckets, sum and count add up', async () => {
    start();
    const sizes = histogram({
      name: 'h1_bytes',
      help: 'Sizes.',
      labelNames: ['user_id'],
      buckets: [10, 100],
    });
    sizes.observe({ user_id: 1 }, 5);
    sizes.observe({ user_id: 2 }, 50);
    expect(await samples('h1_bytes')).toEqual([
      'h1_bytes_bucket{le="10.0"} 1',
      'h1_bytes_bucket{le="100.0"} 2',
      'h1_bytes_bucket{le="+Inf"} 2',
      'h1_bytes_sum{} 55',
      'h1_bytes_count{} 2',
    ]);
  });

  test('prom-client metrics of any registry', async () => {
    const registry = new Registry();
    start({ metrics: { registries: [registry] } });
    const registers = [registry];
    const labelNames = ['user_id', 'channel'];
    const foreign = new Counter({ name: 'f1_total', help: 'x', labelNames, registers });
    foreign.inc({ user_id: '1', channel: 'web' }, 2);
    foreign.inc({ channel: 'web', user_id: '2' }, 3);
    foreign.inc({ user_id: '2' }, 4);
    const value = new Gauge({ name: 'f2', help: 'x', labelNames, registers });
    value.set({ user_id: '1' }, 1);
    value.set({ user_id: '2' }, 9);
    const duration = new Histogram({ name: 'f3_seconds', help: 'x', labelNames, registers, buckets: [1] });
    duration.observe({ user_id: '1' }, 0.5);
    duration.observe({ user_id: '2' }, 2);
    const quantiles = new Summary({
      name: 'f4_seconds',
      help: 'x',
      labelNames,
      registers,
      percentiles: [0.5],
    });
    quantiles.observe({ user_id: '1' }, 1);
    quantiles.observe({ user_id: '2' }, 2);
    expect(await samples('f1_total')).toEqual(['f1_total{channel="web"} 5', 'f1_total{} 4']);
    expect(await samples('f2')).toEqual(['f2{} 9']);
    expect(await samples('f3_seconds')).toEqual([
      'f3_seconds_bucket{le="1.0"} 1',
      'f3_seconds_bucket{le="+Inf"} 2',
      'f3_seconds_sum{} 2.5',
      'f3_seconds_count{} 2',
    ]);
    // A median of medians would be a lie.
    expect(await samples('f4_seconds')).toEqual(['f4_seconds_sum{} 3', 'f4_seconds_count{} 2']);
    // Again at every scrape, but counted and said once.
    expect(await violations('label_forbidden')).toBe(4);
    expect(await violations('label_forbidden')).toBe(4);
    expect(complaints()).toHaveLength(4);
  });

  test('metrics of the OpenTelemetry API, by the Prometheus name of the attribute', async () => {
    start();
    const meter = otel.getMeter('test');
    const counted = meter.createCounter('o1');
    counted.add(1, { 'user.id': 'a', channel: 'web' });
    counted.add(2, { 'user.id': 'b', channel: 'web' });
    const level = meter.createUpDownCounter('o2');
    level.add(5, { user_id: 'a' });
    level.add(-1, { user_id: 'b' });
    const recorded = meter.createHistogram('o3', { unit: 's', advice: { explicitBucketBoundaries: [1] } });
    recorded.record(0.5, { 'user.id': 'a' });
    recorded.record(2, { 'user.id': 'b' });
    meter.createObservableCounter('o4').addCallback((result) => {
      result.observe(10, { 'user.id': 'a' });
      result.observe(20, { 'user.id': 'b' });
    });
    meter.createObservableUpDownCounter('o5').addCallback((result) => {
      result.observe(10, { 'user.id': 'a' });
      result.observe(-2, { 'user.id': 'b' });
    });
    expect(await samples('o1_total')).toEqual(['o1_total{channel="web"} 3']);
    expect(await samples('o2')).toEqual(['o2{} 4']);
    expect(await samples('o3_seconds')).toEqual([
      'o3_seconds_bucket{le="1.0"} 1',
      'o3_seconds_bucket{le="+Inf"} 2',
      'o3_seconds_sum{} 2.5',
      'o3_seconds_count{} 2',
    ]);
    expect(await samples('o4_total')).toEqual(['o4_total{} 30']);
    expect(await samples('o5')).toEqual(['o5{} 8']);
    expect(await violations('label_forbidden')).toBe(4);
  });

  test("Throughline's own metrics", async () => {
    start({ contract: { mode: 'warn', labels: { forbidden: ['http_request_method', 'server_address'] } } });
    const server = createServer((_request, response) => response.end()).listen(0);
    await once(server, 'listening');
    await (await fetch(`http://localhost:${(server.address() as AddressInfo).port}/`)).text();
    server.close();
    const counts = (await samples('http_client_request_duration_seconds')).filter((line) =>
      line.includes('_count'),
    );
    expect(counts).toHaveLength(1);
    expect(counts[0]).toMatch(/_count\{server_port="\d+",http_response_status_code="200"\} 1$/);
    expect(complaints().map(({ message }) => message)).toContainEqual(
      expect.stringContaining("'server_address'"),
    );
  });
});

test('with a list of allowed labels all others are dropped, but not what the formats and Throughline need', async () => {
  start({ contract: { mode: 'warn', labels: { allowed: ['channel'] } } });
  const taken = histogram({ name: 'a1_seconds', help: 'x', labelNames: ['channel', 'shard'], buckets: [1] });
  taken.observe({ channel: 'web', shard: 1 }, 0.5);
  expect(await samples('a1_seconds_bucket')).toEqual([
    'a1_seconds_bucket{le="1.0",channel="web"} 1',
    'a1_seconds_bucket{le="+Inf",channel="web"} 1',
  ]);
  expect(await violations('label_not_allowed')).toBe(1);
});

test('what was recorded with the label before init is joined at the scrape', async () => {
  const early = counter({ name: 'early_visits_total', help: 'x', labelNames: ['user_id'] });
  early.inc({ user_id: 1 });
  early.inc({ user_id: 2 });
  start({ contract: { ...contract, mode: 'warn' } });
  early.inc({ user_id: 3 });
  expect(await samples('early_visits_total')).toEqual(['early_visits_total{} 3']);
});

test('a bad name at run time is counted and said, and throws nothing; the metric is served', async () => {
  start({ contract: { ...contract, mode: 'warn' } });
  const before = await violations('metric_name');
  const duration = histogram({ name: 'n1_duration_ms', help: 'x', buckets: [1] });
  duration.observe(1);
  expect(await violations('metric_name')).toBe(before + 1);
  expect(await samples('n1_duration_ms_count')).toEqual(['n1_duration_ms_count{} 1']);
  expect(complaints().at(-1)?.message).toContain(
    "'n1_duration_ms' is in 'ms' instead of the base unit seconds",
  );
});

test('spans and log lines may carry what labels may not', async () => {
  start({ contract: { ...contract, mode: 'warn' } });
  withSpan('work', (span) => {
    span.setAttribute('user_id', 'u1');
    logger.info('done', { user_id: 'u1' });
  });
  const span = await captured.waitForSpan(({ name }) => name === 'work');
  expect(span.attributes.user_id).toBe('u1');
  expect(captured.logLines).toContainEqual(expect.objectContaining({ message: 'done', user_id: 'u1' }));
});

describe('required log fields', () => {
  const requiredFields = ['timestamp', 'service_name', 'trace_id', 'order_id'];

  test('every line that lacks one is counted, each field is said once, lines are written unchanged', async () => {
    start({ contract: { mode: 'warn', logs: { requiredFields } }, logs: { level: 'info' } });
    withSpan('work', () => logger.info('whole', { order_id: 7 }));
    expect(await violations('log_field_required')).toBe(0);
    logger.info('no trace', { order_id: 7 });
    withSpan('work', () => logger.child({ part: 'x' }).info('no order'));
    logger.warn('neither');
    logger.debug('not written');
    expect(await violations('log_field_required')).toBe(4);
    expect(complaints().map(({ message }) => message)).toEqual([
      "The service does not meet its contract: a log line has no field 'trace_id'.",
      "The service does not meet its contract: a log line has no field 'order_id'.",
    ]);
    expect(captured.logLines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['no trace', 'no order', 'neither']),
    );
  });

  test('through further transports too, and not after the end', async () => {
    start({ contract: { mode: 'warn', logs: { requiredFields } }, logs: { level: 'info' } });
    const { default: Transport } = await import('winston-transport');
    const further = new Transport({ log: (_info, next) => next() });
    logger.add(further);
    logger.info('neither');
    logger.debug('not written');
    expect(await violations('log_field_required')).toBe(2);
    logger.remove(further);
    await captured.stop();
    expect(() => logger.info('after the end')).not.toThrow();
  });
});
