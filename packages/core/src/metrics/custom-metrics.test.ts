import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { counter, gauge, histogram, ObservabilityError, withSpan } from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
const start = (options: CaptureOptions = {}) => {
  captured = captureObservability({ serviceName: 'orders', ...options });
};
beforeEach(() => start());
afterEach(() => captured.stop());

// At the top of a module, before init.
const early = counter({ name: 'early_total', help: 'Declared before init.' });
early.increment();

let names = 0;
const name = (suffix: string) => `metric${names++}_${suffix}`;

test('a counter, with labels and the active trace as exemplar', async () => {
  const placed = counter({ name: 'orders_placed_total', help: 'Orders placed.', labelNames: ['channel'] });
  let spanId = '';
  withSpan('place', (span) => {
    ({ spanId } = span.spanContext());
    placed.increment({ channel: 'web' });
  });
  placed.add(2.5, { channel: 'web' });
  // @ts-expect-error a label that is not declared
  expect(() => placed.increment({ chanel: 'web' })).not.toThrow();
  // @ts-expect-error labels are not optional
  expect(() => placed.increment()).not.toThrow();
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    new RegExp(
      `orders_placed_total\\{channel="web",service_name="orders"\\} 3.5 # \\{trace_id="[0-9a-f]{32}",span_id="${spanId}"\\} 1 `,
    ),
  );
});

test('one that was declared before init is there, with its value', async () => {
  early.increment();
  expect(await captured.metrics()).toContain('early_total{service_name="orders"} 2\n');
});

test('a gauge is set, moved, or observed at the scrape', async () => {
  const depth = gauge({ name: 'queue_depth', help: 'Jobs that wait.', labelNames: ['queue'] });
  depth.set(5, { queue: 'mail' });
  depth.add(-2, { queue: 'mail' });
  let asked = 0;
  gauge({ name: 'cache_entries', help: 'Entries.', observe: () => ++asked });
  gauge({
    name: 'shard_size_bytes',
    help: 'Size of each shard.',
    labelNames: ['shard'],
    observe: () => [
      { labels: { shard: 1 }, value: 10 },
      { labels: { shard: 2 }, value: 20 },
    ],
  });
  const metrics = await captured.metrics();
  expect(metrics).toContain('queue_depth{queue="mail",service_name="orders"} 3\n');
  expect(metrics).toContain('cache_entries{service_name="orders"} 1\n');
  expect(metrics).toContain('shard_size_bytes{shard="2",service_name="orders"} 20\n');
});

test('a histogram with buckets of its own, and its timer', async () => {
  const value = histogram({ name: 'order_value_euros', help: 'Value.', buckets: [10, 100] });
  withSpan('order', () => value.observe(42));
  const seconds = histogram({ name: 'render_duration_seconds', help: 'Rendering.', labelNames: ['format'] });
  const stop = seconds.startTimer();
  expect(stop({ format: 'pdf' })).toBeGreaterThanOrEqual(0);
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    /order_value_euros_bucket\{le="100\.0",service_name="orders"\} 1 # \{trace_id="\w+",span_id="\w+"\} 42 /,
  );
  expect(metrics).toContain('render_duration_seconds_count{format="pdf",service_name="orders"} 1\n');
});

describe('wrong declarations throw at once', () => {
  test.each([
    ['a name with a space', () => counter({ name: 'a b_total', help: 'x' }), 'OBS_METRIC_INVALID'],
    ['a counter without _total', () => counter({ name: 'jobs', help: 'x' }), 'OBS_METRIC_INVALID'],
    ['no help', () => gauge({ name: name('x'), help: '' }), 'OBS_METRIC_INVALID'],
    ['a label le', () => histogram({ name: name('x'), help: 'x', labelNames: ['le'] }), 'OBS_METRIC_INVALID'],
    [
      'a label with a dash',
      () => gauge({ name: name('x'), help: 'x', labelNames: ['a-b'] }),
      'OBS_METRIC_INVALID',
    ],
    [
      'a reserved label',
      () => gauge({ name: name('x'), help: 'x', labelNames: ['__x'] }),
      'OBS_METRIC_INVALID',
    ],
    ['nothing', () => counter(undefined as never), 'OBS_METRIC_INVALID'],
    [
      'labels that are no list',
      () => gauge({ name: name('x'), help: 'x', labelNames: 'abc' as never }),
      'OBS_METRIC_INVALID',
    ],
    [
      'a label twice',
      () => gauge({ name: name('x'), help: 'x', labelNames: ['a', 'a'] }),
      'OBS_METRIC_INVALID',
    ],
    [
      'the label of the overflow series',
      () => gauge({ name: name('x'), help: 'x', labelNames: ['otel_metric_overflow'] }),
      'OBS_METRIC_INVALID',
    ],
    [
      'buckets that are no list',
      () => histogram({ name: name('x'), help: 'x', buckets: 5 as never }),
      'OBS_METRIC_INVALID',
    ],
    [
      'buckets that do not ascend',
      () => histogram({ name: name('x'), help: 'x', buckets: [2, 1] }),
      'OBS_METRIC_INVALID',
    ],
    [
      'observe that is no function',
      () => gauge({ name: name('x'), help: 'x', observe: 5 as never }),
      'OBS_METRIC_INVALID',
    ],
    [
      'the same name with other labels',
      () => {
        gauge({ name: 'same_name', help: 'x', labelNames: ['a'] });
        gauge({ name: 'same_name', help: 'x', labelNames: ['b'] });
      },
      'OBS_METRIC_CONFLICT',
    ],
    [
      'the same name as another kind',
      () => {
        gauge({ name: 'kind_total', help: 'x' });
        counter({ name: 'kind_total', help: 'x' });
      },
      'OBS_METRIC_CONFLICT',
    ],
  ])('%s', (_name, declare, code) => {
    expect(declare).toThrow(ObservabilityError);
    expect(declare).toThrow(expect.objectContaining({ code }));
  });

  test('the same declaration again is the same metric', () => {
    const declare = () => counter({ name: 'again_total', help: 'x', labelNames: ['a'] });
    expect(declare()).toBe(declare());
  });
});

test('values that a metric cannot take are left out, counted, and said once', async () => {
  const jobs = counter({ name: 'jobs_total', help: 'x' });
  const notNumbers = ['5', 5n, undefined, null] as unknown as number[];
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, ...notNumbers]) jobs.add(value);
  jobs.add(1);
  const size = histogram({ name: 'size_bytes', help: 'x' });
  size.observe(Number.NaN);
  gauge({ name: 'level', help: 'x' }).set(Number.NaN);
  const metrics = await captured.metrics();
  expect(metrics).toContain('jobs_total{service_name="orders"} 1\n');
  expect(metrics).not.toMatch(/^(size_bytes_count|level)\{/m);
  expect(metrics).toMatch(/throughline_rejected_values_total\{metric="jobs_total"[^}]*\} 7\n/);
  const said = captured.logLines.filter((line) => line.code === 'OBS_METRIC_VALUE_REJECTED');
  expect(said.map((line) => line.message.split("'")[1])).toEqual(['jobs_total', 'size_bytes', 'level']);
});

test('labels that have no text never throw into the service', async () => {
  const searches = counter({ name: 'searches_total', help: 'x', labelNames: ['query'] });
  for (const query of [Object.create(null), Symbol('s'), 5n, null]) {
    searches.increment({ query } as { query: string });
  }
  searches.increment(null as unknown as { query: string });
  const metrics = await captured.metrics();
  expect(
    [...metrics.matchAll(/^searches_total\{(?:query="([^"]*)")?.*\} 1$/gm)].map(([, query]) => query),
  ).toEqual(['[object]', 'Symbol(s)', '5', 'null', undefined]);
});

test('what observe() gives and is no value is said by name; the rest is served', async () => {
  gauge({ name: 'odd_level', help: 'x', observe: () => 'seven' as unknown as number });
  gauge({ name: 'even_level', help: 'x', observe: () => 7 });
  const metrics = await captured.metrics();
  expect(metrics).toContain('even_level{service_name="orders"} 7\n');
  expect(captured.logLines.find(({ code }) => code === 'OBS_METRICS_COLLECT_FAILED')?.message).toContain(
    "Metric 'odd_level' could not be collected: observe() must give a number",
  );
});

describe('cardinality', () => {
  test('beyond the limit everything goes to one overflow series, counted and said once', async () => {
    await captured.stop();
    start({ metrics: { maxSeriesPerMetric: 10 } });
    const users = counter({ name: 'users_total', help: 'x', labelNames: ['user'] });
    for (let i = 0; i < 10_000; i++) users.increment({ user: i });
    const metrics = await captured.metrics();
    expect(metrics.match(/^users_total\{/gm)).toHaveLength(11);
    expect(metrics).toContain('users_total{otel_metric_overflow="true",service_name="orders"} 9990\n');
    expect(metrics).toMatch(/throughline_series_overflow_total\{metric="users_total"[^}]*\} 9990\n/);
    expect(captured.logLines.filter((line) => line.code === 'OBS_METRIC_OVERFLOW')).toHaveLength(1);
    users.increment({ user: 3 });
    expect(await captured.metrics()).toContain('users_total{user="3",service_name="orders"} 2');
  });

  test('long label values are cut', async () => {
    gauge({ name: 'long_label', help: 'x', labelNames: ['v'] }).set(1, { v: 'x'.repeat(10_000) });
    expect(await captured.metrics()).toContain(`long_label{v="${'x'.repeat(255)}…"`);
  });
});
