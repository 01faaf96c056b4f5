import { describe, expect, test } from 'vitest';
import { id, line, span } from '../../../test/telemetry.js';
import { TelemetryStore } from '../store/telemetry-store.js';
import { criticalPath } from './critical-path.js';
import { serviceMap } from './service-map.js';
import { spanTree, type TreeSpan } from './span-tree.js';
import { traceView } from './trace-view.js';

const drawn = (trees: readonly TreeSpan[]) =>
  trees.map(({ span: { name }, depth }) => `${'  '.repeat(depth)}${name}`);
const limits = { spans: 200_000, lines: 100, sizeBytes: 1e9 };

describe('the tree of a trace', () => {
  test('has each span below its parent, in the order of their starts', () => {
    const spans = [
      span(3, { parent: 1, startMillis: 1_005 }),
      span(2, { parent: 1, startMillis: 1_001 }),
      span(4, { parent: 2, startMillis: 1_002 }),
      span(1),
    ];
    expect(drawn(spanTree(spans))).toEqual(['span 1', '  span 2', '    span 4', '  span 3']);
  });

  test('shows spans whose parent has not arrived, and says so', () => {
    const trees = spanTree([span(1), span(2, { parent: 9, startMillis: 1_001 })]);
    expect(trees.map(({ isParentMissing }) => isParentMissing)).toEqual([false, true]);
  });

  test('shows spans that name each other, or themselves, as parent', () => {
    const trees = spanTree([span(1, { parent: 2 }), span(2, { parent: 1 }), span(3, { parent: 3 })]);
    expect(trees).toHaveLength(3);
  });

  test('takes a chain of 10,000 spans', () => {
    const chain = Array.from({ length: 10_000 }, (_, number) =>
      span(number, number === 0 ? {} : { parent: number - 1 }),
    );
    const trees = spanTree(chain);
    expect(trees.at(-1)?.depth).toBe(9_999);
    expect(criticalPath(trees[0] as TreeSpan).length).toBeGreaterThan(0);
  });
});

describe('clocks that differ', () => {
  const call = (serverStart: number) => [
    span(1, { kind: 'client', service: 'gateway', startMillis: 1_000, durationMillis: 100 }),
    span(2, { kind: 'server', parent: 1, startMillis: serverStart, durationMillis: 60 }),
    span(3, { parent: 2, startMillis: serverStart + 10 }),
  ];
  const shifts = (serverStart: number) => spanTree(call(serverStart)).map(({ shiftMillis }) => shiftMillis);

  test.each([
    ['behind', -4_000],
    ['ahead', 4_000],
  ])('a server that is %s is moved into its call, with all below', (_name, skewMillis) => {
    expect(shifts(1_020 + skewMillis)).toEqual([0, -skewMillis, -skewMillis]);
  });

  test('what fits is not moved', () => {
    expect(shifts(1_020)).toEqual([0, 0, 0]);
    expect(shifts(999)).toEqual([0, 0, 0]);
  });
});

describe('the critical path', () => {
  const parts = (spans: Parameters<typeof spanTree>[0]) =>
    criticalPath(spanTree(spans)[0] as TreeSpan)
      .map(({ tree, startMillis, endMillis }) => `${tree.span.name} ${startMillis}-${endMillis}`)
      .reverse();

  test('follows the child that ended last, and not what ran beside it', () => {
    expect(
      parts([
        span(1, { startMillis: 0, durationMillis: 100 }),
        span(2, { parent: 1, startMillis: 10, durationMillis: 20 }),
        span(3, { parent: 1, startMillis: 40, durationMillis: 50 }),
        span(4, { parent: 1, startMillis: 45, durationMillis: 10 }),
      ]).sort(),
    ).toEqual(['span 1 0-10', 'span 1 30-40', 'span 1 90-100', 'span 2 10-30', 'span 3 40-90']);
  });

  test('follows a call into a server whose span ends after that of its caller', () => {
    expect(
      parts([
        span(1, { kind: 'client', startMillis: 0, durationMillis: 100 }),
        span(2, { parent: 1, kind: 'server', service: 'stock', startMillis: 0, durationMillis: 101 }),
        span(3, { parent: 2, kind: 'client', service: 'stock', startMillis: 10, durationMillis: 80 }),
      ]).sort(),
    ).toEqual(['span 2 0-10', 'span 2 90-100', 'span 3 10-90']);
  });

  test('leaves out what went on after the end, such as a consumer', () => {
    expect(
      parts([
        span(1, { startMillis: 0, durationMillis: 20 }),
        span(2, { parent: 1, startMillis: 5, durationMillis: 100 }),
      ]),
    ).toEqual(['span 1 0-20']);
  });
});

describe('the waterfall', () => {
  const store = () => new TelemetryStore(limits, 0, () => 10_000);

  test('of 10,000 spans is given in pages', () => {
    const large = store();
    large.traces.add(span(0, { durationMillis: 20_000 }), 0);
    for (let number = 1; number < 10_000; number++) {
      large.traces.add(span(number, { parent: 0, startMillis: 1_000 + number }), 0);
    }
    const trace = large.traces.get(id(0, 32));
    const page = trace && traceView(large, trace, { offset: 9_990, limit: 500 });
    expect(page).toMatchObject({ rowCount: 10_000, offset: 9_990 });
    expect(page?.rows).toHaveLength(10);
    expect(page?.rows[0]?.name).toBe('span 9990');
  });

  test('says where it failed and why, what it talked to, and how many lines it wrote', () => {
    const found = store();
    const exception = {
      ...{ 'exception.type': 'DatabaseError', 'exception.message': 'no table <stock>' },
      'exception.stacktrace': 'DatabaseError: no table\n    at query',
    };
    found.add({
      spans: [
        span(1, { kind: 'server' }),
        span(2, {
          ...{ parent: 1, kind: 'client', isError: true, name: 'SELECT stock' },
          attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
          events: [{ name: 'exception', timeMillis: 1_001, attributes: exception }],
        }),
      ],
      logs: [line('failed', { traceId: id(0, 32), spanId: id(2) })],
      histograms: [],
    });
    const trace = found.traces.get(id(0, 32));
    const view = trace && traceView(found, trace, { offset: 0, limit: 10 });
    expect(view?.errors).toEqual([{ spanId: id(2), name: 'SELECT stock', row: 1 }]);
    expect(view?.rows[1]).toMatchObject({
      error: {
        type: 'DatabaseError',
        message: 'no table <stock>',
        stack: expect.stringContaining('at query'),
      },
      target: { kind: 'database', system: 'postgresql', name: 'shop' },
      lineCount: 1,
    });
  });
});

test('the map joins a service to the consumer through the topic', () => {
  const store = new TelemetryStore(limits, 0, () => 60_000);
  const kafka = { 'messaging.system': 'kafka', 'messaging.destination.name': 'viewed' };
  const at = { startMillis: 50_000 };
  store.add({
    spans: [
      span(1, { ...at, kind: 'server', service: 'gateway' }),
      span(2, {
        ...at,
        kind: 'client',
        service: 'gateway',
        parent: 1,
        attributes: { 'server.address': 'product' },
      }),
      span(3, { ...at, kind: 'server', service: 'product', parent: 2, isError: true }),
      span(4, { ...at, kind: 'producer', service: 'product', parent: 3, attributes: kafka }),
      span(5, { ...at, kind: 'consumer', service: 'views', parent: 4, attributes: kafka }),
      span(6, {
        ...at,
        kind: 'client',
        service: 'views',
        parent: 5,
        attributes: { 'db.system.name': 'redis' },
      }),
      span(7, {
        ...at,
        kind: 'client',
        service: 'views',
        parent: 5,
        attributes: { 'server.address': 'api.test' },
      }),
    ],
    logs: [],
    histograms: [],
  });
  const { nodes, edges } = serviceMap(store, 60_000);
  expect(
    edges.map(({ from, to, count, errorCount }) => `${from} > ${to}: ${count}, ${errorCount}`).sort(),
  ).toEqual([
    'service gateway > service product: 1, 1',
    'service product > topic kafka viewed: 1, 0',
    'service views > database redis : 1, 0',
    'service views > host http api.test: 1, 0',
    'topic kafka viewed > service views: 1, 0',
  ]);
  expect(nodes.map(({ kind }) => kind).sort()).toEqual([
    'database',
    'host',
    'service',
    'service',
    'service',
    'topic',
  ]);
});
