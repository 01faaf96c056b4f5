import { Histogram, type Registry } from 'prom-client';
import type { ExemplarLabels } from './exemplar.js';
import { type LabelValues, limitLabelSets, overflowLabel } from './label-sets.js';

/** prom-client takes an empty set as "no exemplar"; undefined would mean the metric's default set. */
const noExemplar: Record<string, never> = {};

/** Observes a value in a histogram that has exemplars enabled. */
export function observe(
  histogram: Histogram,
  labels: Record<string, string>,
  value: number,
  exemplar: ExemplarLabels | undefined,
): void {
  histogram.observe({ labels, value, exemplarLabels: exemplar ? { ...exemplar } : noExemplar });
}

/** What all of an instance's own metrics share. */
export interface MetricSettings {
  readonly exemplars: boolean;
  readonly maxSeriesPerMetric: number;
  /** A value went to the overflow series of a metric. */
  readonly overflowed: (metric: string) => void;
}

/** Records a value under its labels, with the trace it belongs to. */
export type RecordValue = (labels: LabelValues, value: number, exemplar: ExemplarLabels | undefined) => void;

/** Declares a histogram whose buckets carry exemplars and whose series are bounded. */
export function createHistogram(
  registry: Registry,
  settings: MetricSettings,
  metric: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly string[];
    readonly buckets: readonly number[];
  },
): RecordValue {
  const histogram = new Histogram<string>({
    name: metric.name,
    help: metric.help,
    labelNames: [...metric.labelNames, overflowLabel],
    buckets: [...metric.buckets],
    enableExemplars: true,
    registers: [registry],
  });
  const limit = limitLabelSets(metric.labelNames, settings.maxSeriesPerMetric, () =>
    settings.overflowed(metric.name),
  );
  return (labels, value, exemplar) =>
    observe(histogram, limit(labels), value, settings.exemplars ? exemplar : undefined);
}
