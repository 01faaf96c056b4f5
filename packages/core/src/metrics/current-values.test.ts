import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
  Registry,
  Summary,
} from 'prom-client';
import { expect, test } from 'vitest';
import type { Aggregator } from '../instruments/metric-snapshot.js';
import { currentSnapshot } from './current-values.js';

const registers = [new Registry()];
const labelNames = ['kind'] as const;
const help = 'h';
const counter = new Counter({ name: 'jobs_total', help, labelNames, registers });
const gauge = new Gauge({ name: 'depth', help, labelNames, registers, aggregator: 'max' });
const histogram = new Histogram({ name: 'weight_grams', help, labelNames, buckets: [1, 5], registers });
const collected = new Gauge({
  name: 'size_bytes',
  help,
  registers,
  aggregator: 'omit',
  collect() {
    this.set(7);
  },
});
const empty = new Gauge({ name: 'empty', help, labelNames, registers });
const apart = new Counter({ name: 'turns_total', help, registers });
(apart as unknown as { aggregator: Aggregator }).aggregator = 'each';

test.each<[string, Metric]>([
  ['a counter', counter],
  ['a gauge', gauge],
  ['a histogram', histogram],
  ['a gauge with a callback', collected],
  ['a metric without series', empty],
  ['a counter that is kept apart', apart],
])('%s is read without waiting as prom-client gives it', async (_, metric) => {
  counter.inc({ kind: 'mail' }, 3);
  gauge.set({ kind: 'mail' }, -1.5);
  for (const grams of [0.5, 3, 9]) histogram.observe({ kind: 'mail' }, grams);
  apart.inc();
  const now = currentSnapshot(metric);
  const { name, help: text, type, aggregator, values } = await metric.get();
  expect(now).toMatchObject({ name, help: text, type, aggregator });
  const series = (all: typeof values) =>
    all.map((value) => `${(value as { metricName?: string }).metricName ?? name} ${value.value}`);
  expect(series(now?.values as typeof values).sort()).toEqual(series(values).sort());
});

test('the runtime metrics keep how they are combined: a worker that ends must not turn them into sums', async () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const metric of registry.getMetricsAsArray() as unknown as Metric[]) {
    const now = currentSnapshot(metric);
    if (now) expect(now.aggregator, now.name).toBe((await metric.get()).aggregator);
  }
});

test('a summary is not read: its quantiles need a callback of prom-client', () => {
  expect(currentSnapshot(new Summary({ name: 's', help, registers }))).toBeUndefined();
});
