import { type MetricReading, readingOf, singleValues, snapshotOf } from './metric-reading.js';
import type { Aggregator } from './metric-snapshot.js';
import { BoundedSeries, type SeriesLabels, type SeriesLimits } from './series-limit.js';
import type { MetricDescription } from './series-metric.js';
import { SeriesSnapshot, type WritableValues } from './series-snapshot.js';

export interface GaugeSeries {
  readonly labels: SeriesLabels;
  labelText: string | undefined;
  value: number;
}

export interface GaugeDescription extends Omit<MetricDescription, 'collect'> {
  /** Called at every scrape, before the values are read. */
  readonly collect?: ((gauge: SeriesGauge) => unknown) | undefined;
}

/** A gauge as prom-client's registries take it, bounded. */
export class SeriesGauge implements WritableValues {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly type = 'gauge';
  readonly aggregator: Aggregator;
  readonly series: BoundedSeries<GaugeSeries>;
  readonly get: MetricReading['get'];
  readonly collected: MetricReading['collected'];
  readonly current: MetricReading['current'];
  written: object | undefined;

  constructor(
    { name, help, labelNames, aggregator = 'sum', collect }: GaugeDescription,
    limits: SeriesLimits,
  ) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    const { get, collected, current } = readingOf(
      collect && (() => collect(this)),
      () => snapshotOf(this),
      () => new SeriesSnapshot(this, singleValues),
    );
    this.get = get;
    this.collected = collected;
    this.current = current;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({
      labels,
      labelText: undefined,
      value: 0,
    }));
    this.reset();
  }

  /** @param labels taken over: the caller must not use the object again */
  set(labels: SeriesLabels, value: number): void {
    this.series.of(labels).value = value;
  }

  /** @param labels taken over: the caller must not use the object again */
  add(labels: SeriesLabels, value: number): void {
    this.series.of(labels).value += value;
  }

  remove(labels: SeriesLabels): void {
    this.series.delete(labels);
  }

  /** Forgets all series. One without labels starts at zero again, as with prom-client. */
  reset(): void {
    this.series.clear();
    // Zero changes no sum, but it would be the least of several processes' values, or the first.
    if (this.labelNames.length === 0 && this.aggregator === 'sum') this.series.of({});
  }
}
