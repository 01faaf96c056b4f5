import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createRegistry } from '../instruments/registry.js';
import { createCollector } from './collect.js';
import { negotiateFormat, renderMetrics } from './exposition.js';

const fail = (metric: string, reason: unknown) => {
  throw new Error(`${metric}: ${reason}`);
};
const collect = createCollector({ collectFailed: fail, conflicting: fail });

describe('format', () => {
  test.each([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4', 'openmetrics'],
    ['text/html, Application/OpenMetrics-Text', 'openmetrics'],
    ['application/openmetrics-text;q=0, text/plain', 'text'],
  ])('Accept: %s', (accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });
});

async function render(registry: Registry, format: 'text' | 'openmetrics', identity = { team: 'a' }) {
  return renderMetrics(await collect([registry]), identity, format);
}

test('every kind of metric, with the identity, in both formats', async () => {
  const registry = createRegistry();
  new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc(3);
  new Gauge({ name: 'queue', help: 'q', labelNames: ['kind'], registers: [registry] }).set(
    { kind: 'x' },
    -1.5,
  );
  const histogram = new Histogram({
    name: 'wait_seconds',
    help: 'w',
    buckets: [0.5, 1],
    enableExemplars: true,
    registers: [registry],
  });
  histogram.observe({ value: 0.7, exemplarLabels: { trace_id: 'abc' } });
  new Summary({ name: 'size_bytes', help: 's', percentiles: [0.5], registers: [registry] }).observe(4);

  expect(await render(registry, 'text')).toBe(`# HELP orders_total Orders.
# TYPE orders_total counter
orders_total{team="a"} 3
# HELP queue q
# TYPE queue gauge
queue{kind="x",team="a"} -1.5
# HELP wait_seconds w
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.5",team="a"} 0
wait_seconds_bucket{le="1",team="a"} 1
wait_seconds_bucket{le="+Inf",team="a"} 1
wait_seconds_sum{team="a"} 0.7
wait_seconds_count{team="a"} 1
# HELP size_bytes s
# TYPE size_bytes summary
size_bytes{quantile="0.5",team="a"} 4
size_bytes_sum{team="a"} 4
size_bytes_count{team="a"} 1
`);
  const openMetrics = await render(registry, 'openmetrics');
  expect(openMetrics).toContain('# TYPE orders counter\norders_total{team="a"} 3\n');
  expect(openMetrics).toMatch(
    /wait_seconds_bucket\{le="1\.0",team="a"\} 1 # \{trace_id="abc"\} 0\.7 \d+\.?\d*\n/,
  );
  expect(openMetrics.endsWith('# EOF\n')).toBe(true);
  expect(openMetrics).not.toContain('# {trace_id="abc"} 0.7 NaN');
});

test('hostile label values and help texts cannot forge a line', async () => {
  const registry = new Registry();
  new Gauge({ name: 'g', help: 'a\nb \\ "c"', labelNames: ['l'], registers: [registry] }).set(
    { l: 'x"} 1\nforged{a="\\' },
    1,
  );
  expect(await render(registry, 'text')).toBe(
    '# HELP g a\\nb \\\\ "c"\n# TYPE g gauge\ng{l="x\\"} 1\\nforged{a=\\"\\\\",team="a"} 1\n',
  );
  expect(await render(registry, 'openmetrics')).toContain('# HELP g a\\nb \\\\ \\"c\\"\n');
});

test("a series' own label of an identity name is kept as exported_", async () => {
  const registry = new Registry();
  new Gauge({ name: 'g', help: 'g', labelNames: ['team'], registers: [registry] }).set({ team: 'other' }, 1);
  expect(await render(registry, 'text')).toContain('g{exported_team="other",team="a"} 1');
});

test('special values', async () => {
  const registry = new Registry();
  const gauge = new Gauge({ name: 'g', help: 'g', labelNames: ['v'], registers: [registry] });
  gauge.set({ v: 'inf' }, Number.POSITIVE_INFINITY);
  gauge.set({ v: '-inf' }, Number.NEGATIVE_INFINITY);
  gauge.set({ v: 'nan' }, Number.NaN);
  const text = await render(registry, 'text', {} as never);
  expect(text).toContain('g{v="inf"} +Inf\ng{v="-inf"} -Inf\ng{v="nan"} NaN\n');
});

test('a sum that can go down is in the text format only: OpenMetrics forbids it', async () => {
  const registry = createRegistry();
  const withLabel = { help: 'd', labelNames: ['of'] as const, registers: [registry] };
  const drift = new Histogram({ name: 'drift_seconds', buckets: [1], ...withLabel });
  drift.observe({ of: 'slow' }, -2);
  drift.observe({ of: 'fast' }, 2);
  new Histogram({ name: 'degrees', buckets: [-5, 5], ...withLabel }).observe({ of: 'x' }, 3);
  new Summary({ name: 'balance', percentiles: [], ...withLabel }).observe({ of: 'x' }, -3);

  const text = await render(registry, 'text');
  expect(text).toContain('drift_seconds_sum{of="slow",team="a"} -2\n');
  expect(text).toContain('degrees_sum{of="x",team="a"} 3\n');
  const openMetrics = await render(registry, 'openmetrics');
  const sumsAndCounts = openMetrics.split('\n').filter((line) => /_(sum|count)\{/.test(line));
  expect(sumsAndCounts).toEqual([
    'drift_seconds_sum{of="fast",team="a"} 2',
    'drift_seconds_count{of="fast",team="a"} 1',
    'balance_count{of="x",team="a"} 1',
  ]);
  expect(openMetrics).toContain('drift_seconds_bucket{le="+Inf",of="slow",team="a"} 1\n');
});
