import { describe, expect, test } from 'vitest';
import type { Aggregator, MetricSnapshot } from '../instruments/metric-snapshot.js';
import { renderMetrics } from '../metrics/exposition.js';
import { MergedMetrics } from './metric-merge.js';
import { type SharedMetric, toSharedMetrics } from './shared-metric.js';

const help = 'Something.';
const complaints: string[] = [];
const settings = { conflicting: (metric: string, detail: string) => complaints.push(`${metric} ${detail}`) };
const from = (worker: number, isCurrent = true) => ({
  worker: String(worker),
  isCurrent,
  speaksForProcess: true,
});

/** As it is on the way between two processes. */
function sent(snapshot: MetricSnapshot): SharedMetric[] {
  return [...toSharedMetrics(snapshot)].map((part) => JSON.parse(JSON.stringify(part)) as SharedMetric);
}

function together(...snapshots: MetricSnapshot[]): Promise<string[]> {
  const merged = new MergedMetrics(settings);
  for (const [index, snapshot] of snapshots.entries()) {
    for (const part of sent(snapshot)) merged.add(part, from(index + 1));
  }
  return written(merged);
}

async function written(merged: MergedMetrics): Promise<string[]> {
  return renderMetrics(await merged.snapshots(), {}, 'openmetrics')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const gauge = (aggregator: Aggregator | undefined, value: number, labels = {}): MetricSnapshot => ({
  name: 'depth',
  help,
  type: 'gauge',
  aggregator,
  values: [{ value, labels }],
});
const counter = (value: number, labels = {}): MetricSnapshot => ({
  name: 'jobs_total',
  help,
  type: 'counter',
  values: [{ value, labels }],
});
const histogram = (bounds: readonly (readonly [number | '+Inf', number])[], sum = 1): MetricSnapshot => ({
  name: 'size',
  help,
  type: 'histogram',
  aggregator: 'sum',
  values: [
    ...bounds.map(([le, value]) => ({
      metricName: 'size_bucket',
      labels: { le },
      sharedLabels: { a: 'b' },
      value,
    })),
    { metricName: 'size_sum', sharedLabels: { a: 'b' }, value: sum },
    { metricName: 'size_count', sharedLabels: { a: 'b' }, value: bounds.at(-1)?.[1] ?? 0 },
  ],
});

describe('gauges', () => {
  test.each([
    ['sum', ['depth 9']],
    ['min', ['depth 1']],
    ['max', ['depth 6']],
    ['average', ['depth 3']],
    ['first', ['depth 2']],
    ['omit', []],
    ['each', ['depth{worker="1"} 2', 'depth{worker="2"} 6', 'depth{worker="3"} 1']],
    [undefined, ['depth 9']],
    ['nonsense' as Aggregator, ['depth 9']],
  ] as const)('%s', async (aggregator, expected) => {
    expect(await together(gauge(aggregator, 2), gauge(aggregator, 6), gauge(aggregator, 1))).toEqual(
      expected,
    );
  });

  test('a gauge of the OpenTelemetry API is kept apart, an up-down counter is summed up', async () => {
    const otel = (isSum: boolean) => ({ ...gauge(undefined, 3), isSum });
    expect(await together(otel(false), otel(false))).toEqual(['depth{worker="1"} 3', 'depth{worker="2"} 3']);
    expect(await together(otel(true), otel(true))).toEqual(['depth 6']);
  });

  test('values that are no numbers survive the way', async () => {
    expect(await together(gauge('first', Number.NaN))).toEqual(['depth NaN']);
    expect(await together(gauge('max', 1), gauge('max', Number.POSITIVE_INFINITY))).toEqual(['depth +Inf']);
    expect(await together(gauge('sum', Number.NEGATIVE_INFINITY), gauge('sum', 1))).toEqual(['depth -Inf']);
  });

  test('a label of the name worker is kept as Prometheus keeps it', async () => {
    expect(await together(gauge('each', 2, { worker: 'mine' }))).toEqual([
      'depth{exported_worker="mine",worker="1"} 2',
    ]);
  });

  test('a contract that forbids the label', async () => {
    const merged = new MergedMetrics({ ...settings, hasWorkerLabel: false });
    for (const worker of [1, 2]) {
      for (const part of [
        ...sent(gauge('each', worker)),
        ...sent({ ...counter(worker), aggregator: 'each' }),
      ]) {
        merged.add(part, from(worker));
      }
    }
    expect(await written(merged)).toEqual(['jobs_total 3']);
  });
});

describe('totals', () => {
  test('counters and histograms add up by their labels', async () => {
    expect(
      await together(counter(1, { kind: 'a' }), counter(2, { kind: 'b' }), counter(3, { kind: 'a' })),
    ).toEqual(['jobs_total{kind="a"} 4', 'jobs_total{kind="b"} 2']);
    expect(
      await together(
        histogram([
          [1, 2],
          ['+Inf', 3],
        ]),
        histogram(
          [
            [1, 1],
            ['+Inf', 7],
          ],
          2.5,
        ),
      ),
    ).toEqual([
      'size_bucket{le="1.0",a="b"} 3',
      'size_bucket{le="+Inf",a="b"} 10',
      'size_sum{a="b"} 3.5',
      'size_count{a="b"} 10',
    ]);
  });

  test('the latest exemplar stays', async () => {
    const traced = (trace_id: string, timestamp: number): MetricSnapshot => ({
      ...counter(1),
      values: [{ value: 1, exemplar: { labelSet: { trace_id }, value: 1, timestamp } }],
    });
    expect(await together(traced('old', 10), traced('new', 20), counter(1), traced('older', 5))).toEqual([
      'jobs_total 4 # {trace_id="new"} 1 20',
    ]);
  });

  test('a release with other buckets: no bucket counts less than a lower one', async () => {
    const lines = await together(
      histogram([
        [1, 2],
        [10, 4],
        ['+Inf', 5],
      ]),
      histogram([
        [0.5, 1],
        [5, 3],
        [10, 6],
        ['+Inf', 8],
      ]),
    );
    expect(lines).toEqual([
      'size_bucket{le="0.5",a="b"} 1',
      'size_bucket{le="1.0",a="b"} 3',
      'size_bucket{le="5.0",a="b"} 5',
      'size_bucket{le="10.0",a="b"} 10',
      'size_bucket{le="+Inf",a="b"} 13',
      'size_sum{a="b"} 2',
      'size_count{a="b"} 13',
    ]);
  });

  test('quantiles are kept apart, the sum and count of a summary are not', async () => {
    const summary = (quantile: number): MetricSnapshot => ({
      name: 'wait',
      help,
      type: 'summary',
      aggregator: 'sum',
      values: [
        { labels: { quantile: 0.5 }, value: quantile },
        { metricName: 'wait_sum', labels: {}, value: 10 },
        { metricName: 'wait_count', labels: {}, value: 2 },
      ],
    });
    expect((await together(summary(3), summary(5))).sort()).toEqual([
      'wait_count 4',
      'wait_sum 20',
      'wait{quantile="0.5",worker="1"} 3',
      'wait{quantile="0.5",worker="2"} 5',
    ]);
  });

  test('a process that is gone leaves its totals and nothing else', async () => {
    const merged = new MergedMetrics(settings);
    const all = [
      counter(4),
      gauge('sum', 4),
      histogram([['+Inf', 1]]),
      { ...counter(1), name: 'cpu_total', aggregator: 'each' },
    ];
    for (const snapshot of all) {
      for (const part of sent(snapshot as MetricSnapshot)) merged.add(part, from(1, false));
    }
    expect(await written(merged)).toEqual([
      'jobs_total 4',
      'size_bucket{le="+Inf",a="b"} 1',
      'size_sum{a="b"} 1',
      'size_count{a="b"} 1',
    ]);
  });

  test('sums do not fall when those that are gone are put together first', async () => {
    // In floating point (0.1 + 0.2) + 0.3 is more than 0.1 + (0.2 + 0.3).
    const values = Array.from({ length: 40 }, (_, index) => 0.1 * (index + 1) * (index % 7 === 0 ? 1e9 : 1));
    const total = async (gone: number) => {
      const kept = new MergedMetrics(settings);
      for (const value of values.slice(0, gone)) {
        for (const part of sent(counter(value))) kept.keepTotals(part, 10, () => {});
      }
      const merged = new MergedMetrics(settings);
      for (const value of values.slice(gone).reverse())
        for (const part of sent(counter(value))) merged.add(part, from(1));
      for (const metric of kept.shared())
        merged.add(JSON.parse(JSON.stringify(metric)) as SharedMetric, from(0, false));
      return (await merged.snapshots())[0]?.values[0]?.value;
    };
    const orders = new Set(await Promise.all(values.map((_, gone) => total(gone))));
    expect(orders.size).toBe(1);
    // And it is a promise that plain addition breaks.
    const plain = new Set(
      values.map((_, gone) => {
        const sum = (some: number[]) => some.reduce((a, b) => a + b, 0);
        return sum(values.slice(gone).reverse()) + sum(values.slice(0, gone));
      }),
    );
    expect(plain.size).toBeGreaterThan(1);
  });

  test('kept series are bounded, and nothing of them is lost', async () => {
    const overflowed: string[] = [];
    const kept = new MergedMetrics(settings);
    for (let id = 0; id < 5; id++) {
      for (const part of sent(counter(1, { id: String(id) })))
        kept.keepTotals(part, 3, (metric) => overflowed.push(metric));
    }
    const merged = new MergedMetrics(settings);
    for (const metric of kept.shared()) merged.add(metric, from(0, false));
    expect(await written(merged)).toEqual([
      'jobs_total{id="0"} 1',
      'jobs_total{id="1"} 1',
      'jobs_total{id="2"} 1',
      'jobs_total{otel_metric_overflow="true"} 2',
    ]);
    expect(overflowed).toEqual(['jobs_total', 'jobs_total']);
  });
});

test('the same name as two kinds of metric: the first is served, the other said', async () => {
  complaints.length = 0;
  expect(await together({ ...gauge('sum', 1), name: 'x' }, { ...counter(1), name: 'x' })).toEqual(['x 1']);
  expect(complaints).toEqual(['x as a gauge and as a counter in two processes']);
});

test('threads of a process do not repeat what is the process’s', async () => {
  const merged = new MergedMetrics(settings);
  for (const worker of [1, 2]) {
    for (const name of ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
      for (const part of sent({ ...gauge('each', 7), name })) {
        merged.add(part, { ...from(worker), speaksForProcess: worker === 1 });
      }
    }
  }
  expect(await written(merged)).toEqual([
    'process_resident_memory_bytes{worker="1"} 7',
    'nodejs_heap_size_used_bytes{worker="1"} 7',
    'nodejs_heap_size_used_bytes{worker="2"} 7',
  ]);
});

test('a metric of thousands of series goes in pieces and arrives as one', async () => {
  const values = Array.from({ length: 1_000 }, (_, id) => ({ value: id, labels: { id: String(id) } }));
  const snapshot = { ...counter(0), values };
  expect(sent(snapshot).length).toBeGreaterThan(5);
  const lines = await together(snapshot, snapshot);
  expect(lines).toHaveLength(1_000);
  expect(lines[7]).toBe('jobs_total{id="7"} 14');
});
