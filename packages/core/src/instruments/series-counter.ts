import { type MetricReading, readingOf, singleValues, snapshotOf } from './metric-reading.js';
import type { Aggregator } from './metric-snapshot.js';
import { BoundedSeries, type SeriesLabels, type SeriesLimits } from './series-limit.js';
import { type MetricDescription, type StoredExemplar, storedExemplar } from './series-metric.js';
import { SeriesSnapshot, type WritableValues } from './series-snapshot.js';

export interface CounterSeries {
  readonly labels: SeriesLabels;
  labelText: string | undefined;
  value: number;
  exemplar: StoredExemplar | null;
}

/** A counter as prom-client's registries take it, bounded, and with the latest trace of each series as exemplar. */
export class SeriesCounter implements WritableValues {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly type = 'counter';
  readonly aggregator: Aggregator;
  readonly get: MetricReading['get'];
  readonly collected: MetricReading['collected'];
  readonly current: MetricReading['current'];
  written: object | undefined;
  readonly series: BoundedSeries<CounterSeries>;

  constructor(
    { name, help, labelNames, aggregator = 'sum', collect }: MetricDescription,
    limits: SeriesLimits,
  ) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    const { get, collected, current } = readingOf(
      collect,
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
      exemplar: null,
    }));
    this.reset();
  }

  /**
   * @param labels taken over: the caller must not use the object again
   * @param value not negative
   */
  add(labels: SeriesLabels, value: number, exemplar?: StoredExemplar['labelSet'] | undefined): void {
    this.addTo(this.series.of(labels), value, exemplar);
  }

  addTo(
    series: CounterSeries,
    value: number,
    exemplar: StoredExemplar['labelSet'] | undefined,
    unixMillis?: number,
  ): void {
    series.value += value;
    if (exemplar) series.exemplar = storedExemplar(exemplar, value, unixMillis);
  }

  remove(labels: SeriesLabels): void {
    this.series.delete(labels);
  }

  reset(): void {
    this.series.clear();
    // Present from the start, so that a rate over it is right from the first step on.
    if (this.labelNames.length === 0) this.series.of({});
  }
}
