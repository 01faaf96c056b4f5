import type { Aggregator, MetricSnapshot } from '../metrics/exposition.js';
import { BoundedSeries, type LabelValues, type SeriesLimits } from './series-limit.js';
import type { MetricDescription } from './series-metric.js';

interface Series {
  readonly labels: LabelValues;
  value: number;
}

export interface GaugeDescription extends MetricDescription {
  /** How several processes' values become one. Default: `sum`. */
  readonly aggregator?: Aggregator | undefined;
  /** Asked at every scrape, before the values are read. */
  readonly collect?: ((gauge: SeriesGauge) => unknown) | undefined;
}

/** A gauge as prom-client's registries take it, bounded. */
export class SeriesGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly type = 'gauge';
  readonly aggregator: Aggregator;
  private readonly series: BoundedSeries<Series>;
  private readonly collect: GaugeDescription['collect'];

  constructor(
    { name, help, labelNames, aggregator = 'sum', collect }: GaugeDescription,
    limits: SeriesLimits,
  ) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    this.collect = collect;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({ labels, value: 0 }));
  }

  /** @param labels taken over: the caller must not use the object again */
  set(labels: LabelValues, value: number): void {
    this.series.of(labels).value = value;
  }

  /** @param labels taken over: the caller must not use the object again */
  add(labels: LabelValues, value: number): void {
    this.series.of(labels).value += value;
  }

  remove(labels: LabelValues): void {
    this.series.delete(labels);
  }

  async get(): Promise<MetricSnapshot> {
    await this.collect?.(this);
    const { name, help, type, aggregator } = this;
    return {
      name,
      help,
      type,
      aggregator,
      values: Array.from(this.series.all(), (series) => ({ ...series })),
    };
  }

  /** Forgets all series. */
  reset(): void {
    this.series.clear();
  }
}
