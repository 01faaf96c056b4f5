import { describe, expect, test } from 'vitest';
import type { MapEdge, MapNode } from '../../src/dev/model/api.js';
import { formatDuration, formatPercent, formatRate } from './format.js';
import { layoutMap, nodeSize } from './map-layout.js';
import { axisMarks } from './time-axis.js';

test.each([
  [0, '0'],
  [0.0123, '12.3 µs'],
  [0.9996, '1.00 ms'],
  [4.207, '4.21 ms'],
  [999.6, '1.00 s'],
  [125_000, '2 min 5 s'],
  [7_300_000, '2 h 1 min'],
  [undefined, '–'],
])('%j milliseconds are shown as %s', (millis, text) => {
  expect(formatDuration(millis)).toBe(text);
});

test.each([
  [12, '12.0/s'],
  [0.5, '30.0/min'],
  [0.01, '36.0/h'],
  [0, '0'],
])('%d in a second are shown as %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('one failure among many is not shown as none, and one success not as none', () => {
  expect([
    formatPercent(0, 10),
    formatPercent(1, 1e6),
    formatPercent(999_999, 1e6),
    formatPercent(1, 3),
  ]).toEqual(['0 %', '< 0.1 %', '> 99.9 %', '33 %']);
});

test.each([0, 0.013, 7, 604, 123_456])('the marks of an axis to %d are few, round and inside', (end) => {
  const marks = axisMarks(end);
  expect(marks[0]).toBe(0);
  expect(marks.length).toBeLessThanOrEqual(7);
  expect(marks.at(-1)).toBeLessThanOrEqual(end + 1e-9);
  if (end > 0) expect(marks.length).toBeGreaterThan(2);
});

describe('the map', () => {
  const nodes = (...ids: string[]) =>
    ids.map((id): MapNode => ({ id, kind: 'service', name: id, system: '' }));
  const edge = (from: string, to: string): MapEdge => ({
    from,
    to,
    count: 1,
    errorCount: 0,
    ratePerSecond: 1,
  });
  const columns = (ids: string[], edges: MapEdge[]) => {
    const placed = layoutMap(nodes(...ids), edges).nodes;
    const xs = [...new Set(placed.map(({ x }) => x))].sort((a, b) => a - b);
    return Object.fromEntries(placed.map(({ id, x }) => [id, xs.indexOf(x)]));
  };

  test('has callers on the left of what they call, through a topic too', () => {
    const edges = [
      edge('gateway', 'product'),
      edge('product', 'topic'),
      edge('topic', 'views'),
      edge('gateway', 'views'),
    ];
    expect(columns(['views', 'topic', 'product', 'gateway'], edges)).toEqual({
      ...{ gateway: 0, product: 1, topic: 2, views: 3 },
    });
  });

  test('takes services that call each other, and themselves', () => {
    const edges = [edge('a', 'b'), edge('b', 'a'), edge('b', 'b'), edge('b', 'c')];
    expect(columns(['a', 'b', 'c'], edges)).toEqual({ a: 0, b: 1, c: 2 });
  });

  test('leads an arrow over several columns past the nodes between', () => {
    const edges = [edge('a', 'b'), edge('b', 'c'), edge('a', 'c')];
    const layout = layoutMap(nodes('a', 'b', 'c'), edges);
    const between = layout.nodes.find(({ id }) => id === 'b');
    const long = layout.edges.find(({ from, to }) => from === 'a' && to === 'c');
    expect(long?.points).toHaveLength(4);
    for (const { y } of long?.points.slice(1, 3) ?? []) {
      expect(y < (between?.y ?? 0) || y > (between?.y ?? 0) + nodeSize.height).toBe(true);
    }
  });

  test('places no node on another one', () => {
    const ids = Array.from({ length: 30 }, (_, number) => `n${number}`);
    const { nodes: placed } = layoutMap(
      nodes(...ids),
      ids.slice(1).map((id) => edge('n0', id)),
    );
    expect(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size).toBe(30);
  });
});
