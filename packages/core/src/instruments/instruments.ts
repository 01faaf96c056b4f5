import type { Registry } from 'prom-client';
import type { DeclaredMetric } from '../contract/breaches.js';
import { SeriesCounter } from './series-counter.js';
import { type GaugeDescription, SeriesGauge } from './series-gauge.js';
import { type HistogramDescription, SeriesHistogram } from './series-histogram.js';
import type { SeriesLimits } from './series-limit.js';
import { type MetricDescription, type RecordValue, registerMetric } from './series-metric.js';

/** What the contract of all services says of metrics and their labels. */
export interface MetricContract {
  /** Whether no metric may have the label. */
  drops(label: string): boolean;
  /** A metric was declared: its breaches are counted and logged. */
  declared(metric: DeclaredMetric): void;
}

/** What all of an instance's own metrics share. */
export interface MetricSettings extends SeriesLimits {
  readonly exemplars: boolean;
  readonly contract: MetricContract;
}

/** Declares a histogram whose buckets carry exemplars and whose series are bounded. */
export function createHistogram(
  registry: Registry,
  settings: MetricSettings,
  description: HistogramDescription,
): RecordValue {
  const histogram = new SeriesHistogram(description, settings);
  registerMetric(registry, histogram);
  const record: RecordValue = settings.exemplars
    ? (labels, value, exemplar) => histogram.observe(labels, value, exemplar)
    : (labels, value) => histogram.observe(labels, value, undefined);
  return contracted(record, settings, { ...description, type: 'histogram' });
}

/** Declares a counter that carries exemplars and whose series are bounded. */
export function createCounter(
  registry: Registry,
  settings: MetricSettings,
  description: MetricDescription,
): RecordValue {
  const counter = new SeriesCounter(description, settings);
  registerMetric(registry, counter);
  const record: RecordValue = settings.exemplars
    ? (labels, value, exemplar) => counter.add(labels, value, exemplar)
    : (labels, value) => counter.add(labels, value);
  return contracted(record, settings, { ...description, type: 'counter' });
}

/** Declares a gauge whose series are bounded. */
export function createGauge(
  registry: Registry,
  settings: SeriesLimits,
  description: GaugeDescription,
): SeriesGauge {
  const gauge = new SeriesGauge(description, settings);
  registerMetric(registry, gauge);
  return gauge;
}

/** Without the labels that the contract does not allow. */
function contracted(
  record: RecordValue,
  { contract }: MetricSettings,
  declared: DeclaredMetric,
): RecordValue {
  contract.declared(declared);
  const dropped = [...declared.labelNames].filter(contract.drops);
  if (dropped.length === 0) return record;
  return (labels, value, exemplar) => {
    for (const label of dropped) delete labels[label];
    record(labels, value, exemplar);
  };
}
