import { expect, test } from 'vitest';
import { BoundedSeries, type SeriesLabels } from '../instruments/series-limit.js';
import { GivenSeries } from './given-series.js';
import { MetricLabels } from './metric-labels.js';

function series(names: readonly string[], maxSeriesPerMetric = 1_000, drops: readonly string[] = []) {
  const complaints: string[] = [];
  const labels = new MetricLabels(names, (mistake) => complaints.push(mistake));
  labels.kept = names.filter((name) => !drops.includes(name));
  let overflows = 0;
  const limits = { maxSeriesPerMetric, overflowed: () => overflows++ };
  const all = new BoundedSeries('m', names, limits, (given: SeriesLabels) => ({ labels: given }));
  const given = new GivenSeries(labels, all, (label) => drops.includes(label));
  return { all, complaints, given, labels, overflows: () => overflows };
}

test('a call finds the series that the labels alone would find, the first time and later', () => {
  const { all, given, labels } = series(['a', 'b']);
  const sets: Record<string, unknown>[] = [
    { a: 'x', b: 'y' },
    { b: 'y', a: 'x' },
    { a: 1, b: 'y' },
    { a: '1', b: 'y' },
    { a: 'x' },
    { a: 'x', b: undefined },
    { a: 'x', b: '' },
    { a: null, b: true },
    { a: Number.NaN, b: -0 },
    { a: { toString: () => 'text' } },
    {},
    Object.create({ a: 'inherited' }),
  ];
  for (let round = 0; round < 3; round++) {
    for (const set of sets) expect(given.of(set)).toBe(all.of(labels.of(set)));
  }
  expect(given.of({ a: 'x', b: 'y' })).toBe(given.of({ b: 'y', a: 'x' }));
  expect(given.of({ a: 1, b: 'y' })).toBe(given.of({ a: '1', b: 'y' }));
});

test('beyond the label sets that it remembers, and after series were removed, it finds them too', () => {
  const { all, given, labels } = series(['a']);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 400; i++)
      expect(given.of({ a: String(i) })).toBe(all.of(labels.of({ a: String(i) })));
  }
  expect(all.all()).toHaveLength(400);
  const before = given.of({ a: '7' });
  all.clear();
  expect(given.of({ a: '7' })).not.toBe(before);
  expect(given.of({ a: '7' })).toBe(all.of({ a: '7' }));
});

test('a label that does not exist is complained of, also beside labels that are known', () => {
  const { complaints, given } = series(['a', 'b']);
  given.of({ a: 'x', b: 'y' });
  given.of({ a: 'x', b: 'y', c: 'z' });
  given.of({ a: 'x', c: 'z' });
  expect(complaints).toEqual(['unknown label', 'unknown label']);
});

test('a label that the contract drops makes no series, and each value of the overflow series is counted', () => {
  const { all, given, overflows } = series(['a', 'user'], 1, ['user']);
  expect(given.of({ a: 'x', user: '1' })).toBe(given.of({ a: 'x', user: '2' }));
  expect(all.all().map(({ labels }) => labels)).toEqual([{ a: 'x' }]);
  for (let i = 0; i < 3; i++) given.of({ a: 'y', user: '1' });
  expect(overflows()).toBe(3);
});

test('a getter that throws costs its own label only', () => {
  const { given } = series(['a', 'b']);
  const hostile = {
    a: 'x',
    get b(): string {
      throw new Error('no');
    },
  };
  expect(given.of(hostile).labels).toEqual({ a: 'x' });
});
