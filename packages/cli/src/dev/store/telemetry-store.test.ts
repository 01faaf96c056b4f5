import { describe, expect, test } from 'vitest';
import { histogram, id, line, span } from '../../../test/telemetry.js';
import { overview } from '../views/overview.js';
import { openSession, SessionError, sessionLines } from './session-file.js';
import { TelemetryStore } from './telemetry-store.js';

const none = { spans: [], logs: [], histograms: [] };
const limits = { spans: 100, lines: 100, sizeBytes: 1e6 };
const nowMillis = 10_000;
const newStore = (given: Partial<typeof limits> = {}) =>
  new TelemetryStore({ ...limits, ...given }, 0, () => nowMillis);

describe('memory is bounded', () => {
  test('beyond the limit of spans the oldest trace goes, and is counted', () => {
    const store = newStore({ spans: 3 });
    for (let trace = 0; trace < 4; trace++) {
      store.add({ ...none, spans: [span(trace, { traceId: id(trace, 32) })] });
    }
    expect(store.traces.spanCount).toBe(3);
    expect(store.traces.get(id(0, 32))).toBeUndefined();
    expect(store.traces.get(id(3, 32))).toBeDefined();
    expect(store.forgotten).toEqual({ spans: 1, lines: 0 });
  });

  test('a trace that is larger than the limit loses its oldest spans', () => {
    const store = newStore({ spans: 3 });
    store.add({ ...none, spans: [0, 1, 2, 3, 4].map((number) => span(number)) });
    expect([...(store.traces.get(id(0, 32))?.spans.keys() ?? [])]).toEqual([id(2), id(3), id(4)]);
    expect(store.forgotten.spans).toBe(2);
  });

  test('beyond the limit of lines the oldest line goes', () => {
    const store = newStore({ lines: 2 });
    store.add({ ...none, logs: ['a', 'b', 'c'].map((message) => line(message)) });
    expect(store.lines.all().map(({ message }) => message)).toEqual(['b', 'c']);
    expect(store.forgotten.lines).toBe(1);
  });

  test.each([
    [
      'attributes',
      { attributes: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`a${n}`, 'x'])) },
    ],
    ['a long text', { attributes: { text: 'x'.repeat(400_000) } }],
  ])('spans with many bytes count by their bytes: %s', (_name, fields) => {
    const store = newStore();
    for (let number = 0; number < 10; number++) {
      store.add({ ...none, spans: [span(number, { traceId: id(number, 32), ...fields })] });
    }
    expect(store.sizeBytes).toBeLessThanOrEqual(1e6);
    expect(store.traces.spanCount + store.forgotten.spans).toBe(10);
    expect(store.traces.spanCount).toBeGreaterThan(0);
  });
});

test('a span that an exporter sends twice is one span', () => {
  const store = newStore();
  store.add({ ...none, spans: [span(1), span(1, { name: 'again' })] });
  expect(store.traces.spanCount).toBe(1);
  expect(store.traces.get(id(0, 32))?.spans.get(id(1))?.name).toBe('again');
});

test('a line that is written and comes by OTLP is one line; two equal lines stay two', () => {
  const store = newStore();
  const both = [line('once', { channel: 'stderr' }), line('once', { channel: 'otlp' })];
  const twice = [
    line('twice', { channel: 'otlp' }),
    line('twice', { channel: 'otlp' }),
    line('twice'),
    line('twice'),
  ];
  store.add({ ...none, logs: [...both, ...twice, line('once', { timeMillis: 2_000, channel: 'otlp' })] });
  expect(store.lines.all().map(({ message }) => message)).toEqual(['once', 'twice', 'twice', 'once']);
});

describe('histograms', () => {
  const row = (store: TelemetryStore) => overview(store, 60_000).rows[0];

  test('count what has happened between two points, and start again after a restart', () => {
    const store = newStore();
    for (const counts of [
      [5, 0, 0],
      [7, 1, 0],
      [1, 0, 0],
    ])
      store.addHistogram(histogram(counts), true);
    expect(row(store)).toMatchObject({ count: 5 + 3 + 1, operation: 'GET /orders', source: 'metrics' });
  });

  test('what a running service has counted before does not count', () => {
    const store = newStore();
    store.addHistogram(histogram([500, 0, 0]), false);
    store.addHistogram(histogram([502, 0, 0]), false);
    expect(row(store)).toMatchObject({ count: 2 });
  });

  test('of two instances of a service add up', () => {
    const store = newStore();
    for (const instance of ['a', 'b']) store.addHistogram(histogram([3, 0, 0], { instance }), true);
    expect(row(store)).toMatchObject({ count: 6 });
  });

  test('have exemplars, which take the place of the dots that spans gave', () => {
    const store = newStore();
    const attributes = { 'http.request.method': 'GET', 'http.route': '/orders' };
    store.add({
      ...none,
      spans: [span(1, { kind: 'server', attributes }), span(2, { kind: 'server', attributes })],
    });
    const exemplar = { traceId: id(0, 32), spanId: id(1), value: 0.01, timeMillis: 1_010 };
    for (let scrape = 0; scrape < 2; scrape++) {
      store.addHistogram(histogram([2, 0, 0], { exemplars: [exemplar] }), true);
    }
    const operation = store.operations.get({ serviceName: 'orders', name: 'GET /orders' });
    expect(operation?.dots).toMatchObject([{ spanId: id(1), durationMillis: 10, isExemplar: true }]);
  });

  test('know which requests have failed', () => {
    const store = newStore();
    store.addHistogram(histogram([3, 0, 0]), true);
    const failed = { http_request_method: 'GET', http_route: '/orders', error_type: 'Error' };
    const mistaken = { ...failed, http_response_status_code: '404' };
    store.addHistogram(histogram([1, 0, 0], { labels: mistaken }), true);
    store.addHistogram(histogram([0, 2, 0], { labels: failed }), true);
    expect(row(store)).toMatchObject({ count: 6, errorCount: 2 });
    expect(row(store)?.p99Millis).toBeCloseTo(973);
  });
});

test('without metrics, the spans make the row: percentiles are within 15 percent', () => {
  const store = newStore();
  const spans = Array.from({ length: 100 }, (_, number) =>
    span(number, {
      ...{ kind: 'server', durationMillis: number + 1, isError: number === 99 },
      attributes: { 'http.request.method': 'GET', 'http.route': '/orders' },
    }),
  );
  store.add({ ...none, spans });
  const [row] = overview(store, 60_000).rows;
  expect(row).toMatchObject({ source: 'spans', operation: 'GET /orders', count: 100, errorCount: 1 });
  for (const [found, exact] of [
    [row?.p50Millis, 50],
    [row?.p95Millis, 95],
    [row?.p99Millis, 99],
  ] as const) {
    expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThan(0.15);
  }
});

describe('a session', () => {
  const saved = () => {
    const store = newStore();
    store.add({
      spans: [span(1), span(2, { parent: 1, service: 'stock', kind: 'server' })],
      logs: [line('hello', { traceId: id(0, 32) })],
      histograms: [histogram([1, 0, 0])],
    });
    store.forgotten.spans = 7;
    return store;
  };

  test('that was saved and opened shows the same', async () => {
    const store = saved();
    const file = Buffer.from([...sessionLines(store)].join(''));
    const opened = await openSession(file, limits);
    expect(opened.savedMillis).toBe(nowMillis);
    expect([...opened.store.traces.all()].map(({ spans }) => [...spans.values()])).toEqual(
      [...store.traces.all()].map(({ spans }) => [...spans.values()]),
    );
    expect(opened.store.lines.all()).toEqual(store.lines.all());
    expect(overview(opened.store, 60_000)).toEqual(overview(store, 60_000));
    expect(opened.store.forgotten.spans).toBe(7);
  });

  test.each([
    ['', 'Line 1'],
    ['{}', 'not a session'],
    ['{"format":"throughline-session","formatVersion":9}', 'format 9'],
    ['{"format":"throughline-session","formatVersion":1}\n{"span":{},"of":0}', 'Line 2'],
    ['{"format":"throughline-session","formatVersion":1}\n{"record":{}}', 'Line 2'],
    [
      '{"format":"throughline-session","formatVersion":1}\n{"operation":{"dots":[]},"bySpans":{"steps":[[1,{}]]}}',
      'Line 2',
    ],
    ['\u001f\u008bx', 'Line 1'],
  ])('%j is refused with the reason', async (text, reason) => {
    await expect(openSession(Buffer.from(text), limits)).rejects.toThrow(SessionError);
    await expect(openSession(Buffer.from(text), limits)).rejects.toThrow(reason);
  });
});
