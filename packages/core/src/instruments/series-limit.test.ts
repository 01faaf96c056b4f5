import { expect, test } from 'vitest';
import { BoundedSeries } from './series-limit.js';

test('the list of series is that of the moment it is asked for', () => {
  const limits = { maxSeriesPerMetric: 2, overflowed() {} };
  const series = new BoundedSeries('jobs', ['queue'], limits, ({ queue = 'overflow' }) => queue);
  expect(series.all()).toEqual([]);
  series.of({ queue: 'a' });
  const first = series.all();
  expect(first).toEqual(['a']);
  series.of({ queue: 'b' });
  expect(series.all()).toEqual(['a', 'b']);
  series.of({ queue: 'c' });
  expect(series.all()).toEqual(['a', 'b', 'overflow']);
  series.delete({ queue: 'a' });
  expect(series.all()).toEqual(['b', 'overflow']);
  series.of({ queue: 'd' });
  expect(series.all()).toEqual(['b', 'd', 'overflow']);
  series.clear();
  expect(series.all()).toEqual([]);
  // What a scrape has taken does not change below it.
  expect(first).toEqual(['a']);
});
