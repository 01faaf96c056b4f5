import type { Aggregator, MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';

/** A metric of Throughline's own: read without waiting. */
interface CurrentMetric {
  current(): MetricSnapshot;
}

/** What prom-client's counters, gauges and histograms keep, in 14 and 15. */
interface PromClientMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: Aggregator;
  readonly hashMap: Readonly<Record<string, PromClientSeries>>;
  readonly upperBounds?: readonly number[];
  collect?(): unknown;
}

interface PromClientSeries {
  readonly labels: MetricValue['labels'];
  readonly value?: number;
  readonly bucketValues?: Readonly<Record<string, number>>;
  readonly sum?: number;
  readonly count?: number;
}

/**
 * The current values of a metric, for the end of the process, when waiting for a promise is not possible. An asynchronous
 * callback has no effect then: its earlier values are used.
 *
 * @returns undefined for a kind of metric that cannot be read in this way: summaries, and metrics of unknown classes
 */
export function currentSnapshot(metric: object): MetricSnapshot | undefined {
  if ('current' in metric && typeof metric.current === 'function') return (metric as CurrentMetric).current();
  const { name, help, type, aggregator, hashMap, upperBounds, collect } = metric as PromClientMetric;
  if (typeof hashMap !== 'object' || hashMap === null) return undefined;
  if (typeof collect === 'function') settle(Reflect.apply(collect, metric, []));
  const series = Object.values((metric as PromClientMetric).hashMap);
  const head = { name, help, type, aggregator };
  if (type === 'counter' || type === 'gauge') {
    return { ...head, values: series.map(({ labels = {}, value = 0 }) => ({ labels, value })) };
  }
  if (type !== 'histogram' || !upperBounds) return undefined;
  return { ...head, values: series.flatMap((each) => histogramValues(name, upperBounds, each)) };
}

function histogramValues(
  name: string,
  upperBounds: readonly number[],
  { labels: sharedLabels = {}, bucketValues = {}, sum = 0, count = 0 }: PromClientSeries,
): MetricValue[] {
  let cumulative = 0;
  const buckets = upperBounds.map((le) => {
    cumulative += bucketValues[le] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, sharedLabels, value: count },
    { metricName: `${name}_sum`, sharedLabels, value: sum },
    { metricName: `${name}_count`, sharedLabels, value: count },
  ];
}

/** A rejection must not become unhandled because nothing waits for it. */
function settle(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => {});
}
