import type { Registry } from 'prom-client';
import type { ContractedMetrics } from './contracted-metrics.js';
import type { ExemplarLabels } from './exemplar.js';
import type { LabelValues } from './label-sets.js';
import { type HistogramDescription, SeriesHistogram } from './series-histogram.js';

/** What all of an instance's own metrics share. */
export interface MetricSettings {
  readonly exemplars: boolean;
  readonly maxSeriesPerMetric: number;
  /** A value went to the overflow series of a metric. */
  readonly overflowed: (metric: string) => void;
  readonly contract: ContractedMetrics;
}

/** Records a value under its labels, with the trace it belongs to. */
export type RecordValue = (labels: LabelValues, value: number, exemplar: ExemplarLabels | undefined) => void;

/** Declares a histogram whose buckets carry exemplars and whose series are bounded. */
export function createHistogram(
  registry: Registry,
  settings: MetricSettings,
  description: HistogramDescription,
): RecordValue {
  const histogram = new SeriesHistogram(description, settings.maxSeriesPerMetric, () =>
    settings.overflowed(description.name),
  );
  histogram.register(registry);
  settings.contract.declared({ ...description, type: 'histogram' });
  const dropped = description.labelNames.filter(settings.contract.drops);
  const observe: RecordValue = settings.exemplars
    ? (labels, value, exemplar) => histogram.observe(labels, value, exemplar)
    : (labels, value) => histogram.observe(labels, value, undefined);
  if (dropped.length === 0) return observe;
  return (labels, value, exemplar) => {
    for (const label of dropped) delete labels[label];
    observe(labels, value, exemplar);
  };
}
