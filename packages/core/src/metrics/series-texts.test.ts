import { expect, test } from 'vitest';
import { SeriesCounter } from '../instruments/series-counter.js';
import { SeriesGauge } from '../instruments/series-gauge.js';
import { SeriesHistogram } from '../instruments/series-histogram.js';
import type { ExpositionFormat } from './exposition.js';
import { renderMetrics, writeMetrics } from './exposition.js';
import { createLabelRedaction } from './redacted-labels.js';
import { SeriesTexts } from './series-texts.js';

const identity = { service_name: 'orders', team: 'checkout' };
const limits = { maxSeriesPerMetric: 5_000, overflowed() {} };
const trace = { trace_id: '1'.repeat(32), span_id: '2'.repeat(16) };
const formats: readonly ExpositionFormat[] = ['text', 'openmetrics'];

type Metric = SeriesCounter | SeriesGauge | SeriesHistogram;

function writer(labels: Readonly<Record<string, string>> = identity) {
  const texts = new SeriesTexts(labels, createLabelRedaction());
  return {
    /** Every metric must be admitted. */
    text(metrics: readonly Metric[], format: ExpositionFormat): string {
      const snapshots = metrics.map((metric) => metric.collected());
      for (const snapshot of snapshots) expect(texts.admits(snapshot as never)).toBe(true);
      return [...writeMetrics(snapshots as never, labels, format, texts)].join('');
    },
    texts,
  };
}

/** What is written of the values, one by one. */
async function plainText(
  metrics: readonly Metric[],
  format: ExpositionFormat,
  labels: Readonly<Record<string, string>> = identity,
): Promise<string> {
  const snapshots = metrics.map((metric) =>
    metric instanceof SeriesHistogram ? metric.getForPromString() : metric.get(),
  );
  return renderMetrics(await Promise.all(snapshots), labels, format);
}

function metrics(): Metric[] {
  const labelNames = ['route', 'team'];
  const counter = new SeriesCounter({ name: 'jobs_total', help: 'Jo"b\\s\n.', labelNames }, limits);
  counter.add({ route: '/a"b\\c\nd' }, 1.5, trace);
  counter.add({ route: '', team: 'other' }, 0);
  counter.add({ route: '한국', team: '' }, Number.POSITIVE_INFINITY, { note: 'x"y', order: 7 });
  const gauge = new SeriesGauge({ name: 'queue', help: 'q', labelNames }, limits);
  gauge.set({ route: 'a' }, Number.NEGATIVE_INFINITY);
  gauge.set({}, Number.NaN);
  const plain = new SeriesGauge({ name: 'plain', help: 'p', labelNames: [] }, limits);
  const bounds = { help: 'w', labelNames, buckets: [0.5, 1, 10] };
  const histogram = new SeriesHistogram({ name: 'wait_seconds', ...bounds }, limits);
  histogram.observe({ route: 'a' }, 0.7, trace);
  histogram.observe({ route: 'a' }, 70, trace);
  histogram.observe({ route: 'falls' }, -3, undefined);
  histogram.observe({}, 1, undefined);
  const negative = new SeriesHistogram({ name: 'degrees', ...bounds, buckets: [-5, 5] }, limits);
  negative.observe({ route: 'a' }, 3, trace);
  const empty = new SeriesHistogram({ name: 'empty', ...bounds }, limits);
  return [counter, gauge, plain, histogram, negative, empty];
}

test('the texts that are kept say what is written without them, at each scrape', async () => {
  const all = metrics();
  const { text } = writer();
  for (let scrape = 0; scrape < 3; scrape++) {
    for (const format of formats) expect(text(all, format)).toBe(await plainText(all, format));
    for (const metric of all) {
      if (metric instanceof SeriesHistogram) metric.observe({ route: `new ${scrape}` }, scrape, trace);
      else metric.add({ route: 'a', team: `t${scrape}` }, scrape);
    }
  }
});

test('beyond the memory for texts the answer is the same', async () => {
  const gauge = new SeriesGauge({ name: 'wide', help: 'w', labelNames: ['a', 'b'] }, limits);
  for (let i = 0; i < 1_400; i++) gauge.set({ a: `${i} `.repeat(60), b: 'x'.repeat(200) }, i);
  const { text } = writer();
  for (const format of formats) {
    const plain = await plainText([gauge], format);
    expect(text([gauge], format)).toBe(plain);
    expect(text([gauge], format)).toBe(plain);
  }
  const kept = gauge.series.all().reduce((sum, { labelText = '' }) => sum + labelText.length, 0);
  expect(kept).toBeGreaterThan(100_000);
  expect(kept).toBeLessThanOrEqual(512 * 1_024);
});

test('an instance with another identity writes its own', async () => {
  const all = metrics();
  const [first, second] = [writer(), writer({ service_name: 'billing', route: 'r' })];
  first.text(all, 'text');
  expect(second.text(all, 'text')).toBe(
    await plainText(all, 'text', { service_name: 'billing', route: 'r' }),
  );
  expect(first.text(all, 'text')).toBe(await plainText(all, 'text'));
});

test('a metric with a secret in a label is left to the redaction, with the series that came before it too', () => {
  const counter = new SeriesCounter({ name: 'calls_total', help: 'c', labelNames: ['url'] }, limits);
  const { texts } = writer();
  counter.add({ url: '/plain' }, 1);
  expect(texts.admits(counter.collected() as never)).toBe(true);
  counter.add({ url: '/reset?token=hunter2' }, 1);
  expect(texts.admits(counter.collected() as never)).toBe(false);
  expect(texts.admits(counter.collected() as never)).toBe(false);
});

test('a metric that was not admitted, and one whose values were changed, are written from the values', () => {
  const counter = new SeriesCounter({ name: 'calls_total', help: 'c', labelNames: ['url'] }, limits);
  counter.add({ url: '/a' }, 1);
  const { texts } = writer();
  expect(texts.writes(counter.collected() as never)).toBe(false);
  const snapshot = counter.collected() as never as { values: object[] };
  expect(texts.admits(snapshot as never)).toBe(true);
  const changed = { ...snapshot, values: [{ labels: { url: '/b' }, value: 7 }] };
  const answer = [...writeMetrics([changed as never], identity, 'text', texts)].join('');
  expect(answer).toContain('calls_total{url="/b",service_name="orders",team="checkout"} 7\n');
});

test('series that are removed and made again while an answer is written are in it once', () => {
  const gauge = new SeriesGauge({ name: 'wide', help: 'w', labelNames: ['i'] }, limits);
  const fill = () => {
    for (let i = 0; i < 1_200; i++) gauge.set({ i: String(i) }, 1);
  };
  fill();
  const { texts } = writer();
  const snapshot = gauge.collected() as never;
  texts.admits(snapshot);
  let answer = '';
  for (const chunk of writeMetrics([snapshot], identity, 'text', texts)) {
    answer += chunk;
    gauge.reset();
    fill();
  }
  const lines = answer.split('\n').filter((line) => line.startsWith('wide{'));
  expect(lines).toHaveLength(1_200);
  expect(new Set(lines).size).toBe(1_200);
});
