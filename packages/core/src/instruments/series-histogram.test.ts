import { Histogram, type Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createCollector } from '../metrics/collect.js';
import { renderMetrics } from '../metrics/exposition.js';
import { createRegistry } from './registry.js';
import { SeriesHistogram } from './series-histogram.js';
import { registerMetric } from './series-metric.js';

const description = {
  name: 'wait_seconds',
  help: 'Waiting.',
  labelNames: ['queue', 'error_type'],
  buckets: [0.1, 0.5, 1],
};

const fail = (metric: string, reason: unknown) => {
  throw new Error(`${metric}: ${reason}`);
};
const collect = createCollector({ collectFailed: fail, conflicting: fail });

test("says the same as prom-client's histogram, in both of its own and our rendering", async () => {
  const ours = createRegistry();
  const theirs = createRegistry();
  const histogram = new SeriesHistogram(description, { maxSeriesPerMetric: 100, overflowed() {} });
  registerMetric(ours, histogram);
  const reference = new Histogram({ ...description, enableExemplars: true, registers: [theirs] });
  let seed = 7;
  for (let i = 0; i < 500; i++) {
    seed = (seed * 16807) % 2147483647;
    const value = (seed % 1500) / 1000;
    const labels: Record<string, string> = { queue: `q${seed % 3}` };
    if (seed % 5 === 0) labels.error_type = 'Error';
    histogram.observe({ ...labels }, value, undefined);
    reference.observe({ labels, value });
  }
  histogram.observe({ queue: 'q1' }, 1, undefined);
  reference.observe({ labels: { queue: 'q1' }, value: 1 });

  const render = async (registry: Registry) =>
    renderMetrics(await collect([registry]), { team: 'a' }, 'openmetrics')
      .split('\n')
      .sort();
  expect(await render(ours)).toEqual(await render(theirs));
  const plain = (text: string) => text.split('\n').sort();
  expect(plain(await ours.metrics())).toEqual(plain(await theirs.metrics()));
});

test('each bucket keeps the latest trace that fell in it', async () => {
  const registry = createRegistry();
  const histogram = new SeriesHistogram(description, { maxSeriesPerMetric: 100, overflowed() {} });
  registerMetric(registry, histogram);
  const span = (digit: string) => ({ trace_id: digit.repeat(32), span_id: digit.repeat(16) });
  histogram.observe({ queue: 'a' }, 0.2, span('1'));
  histogram.observe({ queue: 'a' }, 0.3, span('2'));
  histogram.observe({ queue: 'a' }, 0.3, undefined);
  histogram.observe({ queue: 'a' }, 9, span('3'));
  const text = renderMetrics(await collect([registry]), {}, 'openmetrics');
  expect(text).toMatch(/le="0\.5",queue="a"\} 3 # \{trace_id="2{32}",span_id="2{16}"\} 0\.3 \d+/);
  expect(text).toMatch(/le="\+Inf",queue="a"\} 4 # \{trace_id="3{32}",span_id="3{16}"\} 9 \d+/);
  expect(text).not.toContain('1'.repeat(32));
});

test('beyond the limit there is one overflow series', async () => {
  let overflowed = 0;
  const registry = createRegistry();
  const histogram = new SeriesHistogram(description, {
    maxSeriesPerMetric: 2,
    overflowed: () => overflowed++,
  });
  registerMetric(registry, histogram);
  for (let i = 0; i < 5; i++) histogram.observe({ queue: `q${i}` }, 1, undefined);
  const text = renderMetrics(await collect([registry]), {}, 'text');
  expect(text.match(/^wait_seconds_count/gm)).toHaveLength(3);
  expect(text).toContain('wait_seconds_count{otel_metric_overflow="true"} 3\n');
  expect(overflowed).toBe(3);
});
