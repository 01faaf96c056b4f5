import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { SeriesSnapshot } from '../instruments/series-snapshot.js';

type SampleLabels = NonNullable<MetricValue['labels']>;

/**
 * A metric without the labels that it may not have. Series that differed only in them become one: counters and
 * histograms add up, a gauge keeps the last value, a summary its sum and count (quantiles of several series have no
 * common value). If no label is dropped, the same object is returned.
 */
export function withoutLabels(metric: MetricSnapshot, drops: (label: string) => boolean): MetricSnapshot {
  if (!hasAnywhere(metric, drops)) return metric;
  const labelsWithout = keptLabels(drops);
  const merged = new Map<string, MetricValue>();
  const mergedQuantiles = new Set<string>();
  for (const sample of metric.values) {
    const labels = labelsWithout(sample.labels);
    const sharedLabels = labelsWithout(sample.sharedLabels);
    const key = JSON.stringify([sample.metricName, sorted({ ...sharedLabels, ...labels })]);
    const earlier = merged.get(key);
    const kept = {
      ...sample,
      ...(labels ? { labels } : {}),
      ...(sharedLabels ? { sharedLabels } : {}),
    };
    merged.set(key, earlier ? joined(metric, earlier, kept) : kept);
    if (earlier && isQuantile(metric, kept)) mergedQuantiles.add(key);
  }
  for (const key of mergedQuantiles) merged.delete(key);
  return { ...metric, values: [...merged.values()] };
}

function hasAnywhere(metric: MetricSnapshot, drops: (label: string) => boolean): boolean {
  return metric instanceof SeriesSnapshot
    ? metric.series.some(({ labels }) => hasAny(labels, drops))
    : metric.values.some(({ labels, sharedLabels }) => hasAny(labels, drops) || hasAny(sharedLabels, drops));
}

function hasAny(labels: SampleLabels | undefined, drops: (label: string) => boolean): boolean {
  for (const name in labels) if (Object.hasOwn(labels, name) && drops(name)) return true;
  return false;
}

/** The values of one series share an object of labels; so do they afterwards, which makes them fast to write out. */
function keptLabels(drops: (label: string) => boolean) {
  const known = new Map<SampleLabels, SampleLabels>();
  return (labels: SampleLabels | undefined): SampleLabels | undefined => {
    if (!hasAny(labels, drops) || labels === undefined) return labels;
    let rest = known.get(labels);
    if (!rest) {
      rest = Object.fromEntries(Object.entries(labels).filter(([name]) => !drops(name)));
      known.set(labels, rest);
    }
    return rest;
  };
}

function sorted(labels: SampleLabels): [string, string][] {
  return Object.entries(labels)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Two values of one series as one. */
export function joined(
  { type, isSum }: MetricSnapshot,
  earlier: MetricValue,
  later: MetricValue,
): MetricValue {
  if (type !== 'counter' && type !== 'histogram' && type !== 'summary' && !isSum) return later;
  const exemplar =
    (later.exemplar?.timestamp ?? 0) >= (earlier.exemplar?.timestamp ?? 0)
      ? (later.exemplar ?? earlier.exemplar)
      : earlier.exemplar;
  return {
    ...earlier,
    value: earlier.value + later.value,
    ...(exemplar === undefined ? {} : { exemplar }),
  };
}

function isQuantile(metric: MetricSnapshot, { labels, sharedLabels }: MetricValue): boolean {
  return (
    metric.type === 'summary' && (labels?.quantile !== undefined || sharedLabels?.quantile !== undefined)
  );
}
