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
early.inc();

let names = 0;
const name = (suffix: string) => `metric${names++}_${suffix}`;

test('a counter, with labels and the active trace as exemplar', async () => {
  const placed = counter({ name: 'orders_placed_total', help: 'Orders placed.', labelNames: ['channel'] });
  let spanId = '';
  withSpan('place', (span) => {
    ({ spanId } = span.spanContext());
    placed.inc({ channel: 'web' });
  });
  placed.inc({ channel: 'web' }, 2.5);
  // @ts-expect-error a label that is not declared
  expect(() => placed.inc({ chanel: 'web' })).not.toThrow();
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    new RegExp(
      `orders_placed_total\\{channel="web",service_name="orders"\\} 3.5 # \\{trace_id="[0-9a-f]{32}",span_id="${spanId}"\\} 1 `,
    ),
  );
});

test('one that was declared before init is there, with its value', async () => {
  early.inc();
  expect(await captured.metrics()).toContain('early_total{service_name="orders"} 2\n');
});

test('a gauge is set, moved, or set at the scrape', async () => {
  const depth = gauge({ name: 'queue_depth', help: 'Jobs that wait.', labelNames: ['queue'] });
  depth.set({ queue: 'mail' }, 5);
  depth.dec({ queue: 'mail' }, 2);
  let asked = 0;
  gauge({
    name: 'cache_entries',
    help: 'Entries.',
    collect() {
      this.set(++asked);
    },
  });
  gauge({
    name: 'shard_size_bytes',
    help: 'Size of each shard.',
    labelNames: ['shard'],
    async collect() {
      this.set({ shard: 1 }, 10);
      await Promise.resolve();
      this.labels('2').set(20);
    },
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
      'collect that is no function',
      () => gauge({ name: name('x'), help: 'x', collect: 5 as never }),
      'OBS_METRIC_INVALID',
    ],
    [
      'an option that does not exist',
      // @ts-expect-error prom-client has it for summaries only
      () => histogram({ name: name('x'), help: 'x', percentiles: [0.5] }),
      'OBS_METRIC_INVALID',
    ],
    [
      'registers that are no registries',
      () => gauge({ name: name('x'), help: 'x', registers: [{}] as never }),
      'OBS_METRIC_INVALID',
    ],
    [
      'an aggregator that does not exist',
      () => gauge({ name: name('x'), help: 'x', aggregator: 'mean' as never }),
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

  test('an option of another name is named in the error', () => {
    const observed = { name: name('x'), help: 'x', observe: () => 5 };
    expect(() => gauge(observed)).toThrow('use collect() { this.set(value); }');
    const bucket = { name: name('x'), help: 'x', bucket: [1] };
    expect(() => histogram(bucket)).toThrow("did you mean 'buckets'?");
  });

  test('the same declaration again is the same metric', () => {
    const declare = () => counter({ name: 'again_total', help: 'x', labelNames: ['a'] });
    expect(declare()).toBe(declare());
  });
});

test('values that a metric cannot take are left out, counted, and said once', async () => {
  const jobs = counter({ name: 'jobs_total', help: 'x' });
  const notNumbers = ['5', 5n, true] as unknown as number[];
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, ...notNumbers]) jobs.inc(value);
  jobs.inc(1);
  const size = histogram({ name: 'size_bytes', help: 'x' });
  size.observe(Number.NaN);
  gauge({ name: 'level', help: 'x' }).set(Number.NaN);
  const metrics = await captured.metrics();
  expect(metrics).toContain('jobs_total{service_name="orders"} 1\n');
  expect(metrics).toContain('size_bytes_count{service_name="orders"} 0\n');
  expect(metrics).toContain('level{service_name="orders"} 0\n');
  expect(metrics).toMatch(/throughline_rejected_values_total\{metric="jobs_total"[^}]*\} 6\n/);
  const said = captured.logLines.filter((line) => line.code === 'OBS_METRIC_VALUE_REJECTED');
  expect(said.map((line) => line.message.split("'")[1])).toEqual(['jobs_total', 'size_bytes', 'level']);
});

test('labels that have no text never throw into the service', async () => {
  const searches = counter({ name: 'searches_total', help: 'x', labelNames: ['query'] });
  for (const query of [Object.create(null), Symbol('s'), 5n, null]) {
    searches.inc({ query } as { query: string });
  }
  searches.inc(null as unknown as { query: string });
  const metrics = await captured.metrics();
  expect(
    [...metrics.matchAll(/^searches_total\{(?:query="([^"]*)")?.*\} 1$/gm)].map(([, query]) => query),
  ).toEqual(['[object]', 'Symbol(s)', '5', 'null', undefined]);
});

test('a collect that throws is named; the rest is served', async () => {
  gauge({
    name: 'odd_level',
    help: 'x',
    collect() {
      throw new Error('no connection');
    },
  });
  counter({
    name: 'even_total',
    help: 'x',
    collect() {
      this.inc(7);
    },
  });
  const metrics = await captured.metrics();
  expect(metrics).toContain('even_total{service_name="orders"} 7\n');
  expect(captured.logLines.find(({ code }) => code === 'OBS_METRICS_COLLECT_FAILED')?.message).toContain(
    "Metric 'odd_level' could not be collected: no connection",
  );
});

describe('a wrong call says what the right one is, and never throws', () => {
  const complaintsOf = (metric: string) =>
    captured.logLines
      .filter(({ code, message }) => code === 'OBS_METRIC_CALL_INVALID' && message.includes(`'${metric}'`))
      .map(({ message }) => message);

  test('an unknown label: the value is recorded without it', async () => {
    const jobs = counter({ name: 'unknown_label_total', help: 'x', labelNames: ['queue'] });
    // @ts-expect-error no such label
    for (let i = 0; i < 3; i++) jobs.inc({ queue: 'mail', que: 'mail' });
    expect(await captured.metrics()).toContain('unknown_label_total{queue="mail",service_name="orders"} 3\n');
    expect(complaintsOf('unknown_label_total')).toEqual([
      "Metric 'unknown_label_total': the label 'que' does not exist; the metric was declared with the labels queue. The value was recorded without that label.",
    ]);
    const none = counter({ name: 'no_labels_total', help: 'x' });
    // @ts-expect-error it has no labels
    none.inc({ queue: 'mail' });
    expect(complaintsOf('no_labels_total')).toEqual([
      "Metric 'no_labels_total': the label 'queue' does not exist; the metric was declared without labelNames. The value was recorded without that label.",
    ]);
  });

  test('the value in front of the labels, and calls that other libraries have', async () => {
    const jobs = counter({ name: 'wrong_calls_total', help: 'x', labelNames: ['queue'] });
    const depth = gauge({ name: 'wrong_calls_depth', help: 'x', labelNames: ['queue'] });
    const wait = histogram({ name: 'wrong_calls_seconds', help: 'x', labelNames: ['queue'] });
    // @ts-expect-error increment() of dd-trace and others
    jobs.increment({ queue: 'mail' });
    // @ts-expect-error add() of OpenTelemetry
    jobs.add(1, { queue: 'mail' });
    // @ts-expect-error the labels come first
    depth.set(1, { queue: 'mail' });
    // @ts-expect-error the labels come first
    wait.observe(1, { queue: 'mail' });
    // @ts-expect-error record() of OpenTelemetry
    wait.record(1);
    // prom-client's types allow any number of values as well.
    jobs.labels('mail', 'DE').inc();
    const metrics = await captured.metrics();
    expect(metrics).not.toMatch(/^wrong_calls_\w+\{/m);
    expect(complaintsOf('wrong_calls_total')).toEqual([
      "Metric 'wrong_calls_total': increment() does not exist; use inc(labels, value). Nothing was recorded.",
      "Metric 'wrong_calls_total': add() does not exist; use inc(labels, value). Nothing was recorded.",
      "Metric 'wrong_calls_total': labels() and remove() take an object or 1 label values; they got 2; the metric was declared with the labels queue. Nothing was recorded.",
    ]);
    expect(complaintsOf('wrong_calls_depth')).toEqual([
      "Metric 'wrong_calls_depth': the labels come first: set(labels, value). Nothing was recorded.",
    ]);
    expect(complaintsOf('wrong_calls_seconds')).toHaveLength(2);
    expect(metrics).toMatch(/throughline_rejected_values_total\{metric="wrong_calls_seconds"[^}]*\} 2\n/);
  });

  test('before init: it is said and counted once there is an instance', async () => {
    await captured.stop();
    const early = counter({ name: 'early_mistake_total', help: 'x' });
    early.inc(-1);
    // @ts-expect-error no such method
    early.add(1);
    start();
    expect(await captured.metrics()).toMatch(
      /throughline_rejected_values_total\{metric="early_mistake_total"[^}]*\} 2\n/,
    );
    expect(complaintsOf('early_mistake_total')).toHaveLength(1);
  });
});

describe('cardinality', () => {
  test('beyond the limit everything goes to one overflow series, counted and said once', async () => {
    await captured.stop();
    start({ metrics: { maxSeriesPerMetric: 10 } });
    const users = counter({ name: 'users_total', help: 'x', labelNames: ['user'] });
    for (let i = 0; i < 10_000; i++) users.inc({ user: i });
    const metrics = await captured.metrics();
    expect(metrics.match(/^users_total\{/gm)).toHaveLength(11);
    expect(metrics).toContain('users_total{otel_metric_overflow="true",service_name="orders"} 9990\n');
    expect(metrics).toMatch(/throughline_series_overflow_total\{metric="users_total"[^}]*\} 9990\n/);
    expect(captured.logLines.filter((line) => line.code === 'OBS_METRIC_OVERFLOW')).toHaveLength(1);
    users.inc({ user: 3 });
    expect(await captured.metrics()).toContain('users_total{user="3",service_name="orders"} 2');
  });

  test('labels() beyond the limit are not kept, and their values go to the overflow series, each counted', async () => {
    await captured.stop();
    start({ metrics: { maxSeriesPerMetric: 2 } });
    const users = counter({ name: 'child_users_total', help: 'x', labelNames: ['user'] });
    for (let i = 0; i < 100; i++) users.labels({ user: i }).inc();
    const kept = users.labels('7');
    kept.inc();
    kept.inc();
    const metrics = await captured.metrics();
    expect(metrics).toContain('child_users_total{otel_metric_overflow="true",service_name="orders"} 100\n');
    expect(metrics).toMatch(/throughline_series_overflow_total\{metric="child_users_total"[^}]*\} 100\n/);
  });

  test('long label values are cut', async () => {
    gauge({ name: 'long_label', help: 'x', labelNames: ['v'] }).set({ v: 'x'.repeat(10_000) }, 1);
    expect(await captured.metrics()).toContain(`long_label{v="${'x'.repeat(255)}…"`);
  });
});
