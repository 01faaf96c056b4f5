import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import type { DeclaredMetric } from '../contract/breaches.js';
import { type ExemplarLabels, exemplarOfSpan } from './exemplar.js';
import { type GivenLabelValue, SeriesByValues } from './series-by-values.js';
import { type CounterSeries, SeriesCounter } from './series-counter.js';
import { type GaugeDescription, SeriesGauge } from './series-gauge.js';
import { type HistogramDescription, type HistogramSeries, SeriesHistogram } from './series-histogram.js';
import type { SeriesHandle, SeriesLimits } from './series-limit.js';
import { type MetricDescription, registerMetric } from './series-metric.js';

/** The rules of the contract for metrics and their labels. */
export interface MetricContract {
  /** Whether no metric may have the label. */
  drops(label: string): boolean;
  /** A metric was declared: its breaches are counted and logged. */
  declared(metric: DeclaredMetric): void;
}

/** Settings that all metrics of an instance share. */
export interface MetricSettings extends SeriesLimits {
  readonly exemplars: boolean;
  readonly contract: MetricContract;
}

/**
 * Records a value in the series of these label values, which are in the order of `labelNames`; `undefined` means no label.
 * The span of the value becomes its exemplar if it is sampled.
 */
export type RecordValue = (value: number, span: Span | undefined, ...labels: LabelValues) => void;

/** In the order of `labelNames`. */
export type LabelValues = [
  v0?: GivenLabelValue,
  v1?: GivenLabelValue,
  v2?: GivenLabelValue,
  v3?: GivenLabelValue,
  v4?: GivenLabelValue,
  v5?: GivenLabelValue,
];

/** Records values in one series, which is looked up once. */
export interface BoundInstrument {
  /**
   * @param exemplar of a sampled span: see `exemplarOfSpan`
   * @param unixMillis now
   */
  record(value: number, exemplar: ExemplarLabels | undefined, unixMillis: number): void;
}

/** A metric of the hot paths. */
export interface Instrument {
  readonly record: RecordValue;
  /** For callers that record many values with the same labels. The series is made with the first value. */
  bind(...labels: LabelValues): BoundInstrument;
}

/** Declares a histogram whose buckets carry exemplars and whose series are bounded. */
export function createHistogram(
  registry: Registry,
  settings: MetricSettings,
  description: HistogramDescription,
): RecordValue {
  return createBindableHistogram(registry, settings, description).record;
}

/** The same, with access to single series. */
export function createBindableHistogram(
  registry: Registry,
  settings: MetricSettings,
  description: HistogramDescription,
): Instrument {
  const histogram = new SeriesHistogram(description, settings);
  registerMetric(registry, histogram);
  settings.contract.declared({ ...description, type: 'histogram' });
  const series = new SeriesByValues(histogram.series, description.labelNames, settings);
  const exemplar = settings.exemplars ? exemplarOfSpan : () => undefined;
  return {
    record: (value, span, v0, v1, v2, v3, v4, v5) =>
      histogram.observeIn(series.of(v0, v1, v2, v3, v4, v5), value, exemplar(span)),
    bind: (...labels) => new BoundHistogram(histogram, series.handle(labels), settings.exemplars),
  };
}

class BoundHistogram implements BoundInstrument {
  constructor(
    private readonly histogram: SeriesHistogram,
    private readonly series: SeriesHandle<HistogramSeries>,
    private readonly hasExemplars: boolean,
  ) {}

  record(value: number, exemplar: ExemplarLabels | undefined, unixMillis: number): void {
    const shown = this.hasExemplars ? exemplar : undefined;
    this.histogram.observeIn(this.series.get(), value, shown, unixMillis);
  }
}

/** Declares a counter that carries exemplars and whose series are bounded. */
export function createCounter(
  registry: Registry,
  settings: MetricSettings,
  description: MetricDescription,
): RecordValue {
  return createBindableCounter(registry, settings, description).record;
}

/** The same, with access to single series. */
export function createBindableCounter(
  registry: Registry,
  settings: MetricSettings,
  description: MetricDescription,
): Instrument {
  const counter = new SeriesCounter(description, settings);
  registerMetric(registry, counter);
  settings.contract.declared({ ...description, type: 'counter' });
  const series = new SeriesByValues(counter.series, description.labelNames, settings);
  const exemplar = settings.exemplars ? exemplarOfSpan : () => undefined;
  return {
    record: (value, span, v0, v1, v2, v3, v4, v5) =>
      counter.addTo(series.of(v0, v1, v2, v3, v4, v5), value, exemplar(span)),
    bind: (...labels) => new BoundCounter(counter, series.handle(labels), settings.exemplars),
  };
}

class BoundCounter implements BoundInstrument {
  constructor(
    private readonly counter: SeriesCounter,
    private readonly series: SeriesHandle<CounterSeries>,
    private readonly hasExemplars: boolean,
  ) {}

  record(value: number, exemplar: ExemplarLabels | undefined, unixMillis: number): void {
    this.counter.addTo(this.series.get(), value, this.hasExemplars ? exemplar : undefined, unixMillis);
  }
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
