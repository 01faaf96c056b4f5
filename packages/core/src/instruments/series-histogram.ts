import { type MetricReading, readingOf } from './metric-reading.js';
import type { Aggregator, MetricSnapshot, MetricValue } from './metric-snapshot.js';
import { BoundedSeries, type SeriesLabels, type SeriesLimits } from './series-limit.js';
import { type MetricDescription, type StoredExemplar, storedExemplar } from './series-metric.js';
import { SeriesSnapshot, type WritableHistogram, type WritableHistogramSeries } from './series-snapshot.js';

export interface HistogramDescription extends MetricDescription {
  /** Upper bounds, ascending, without infinity. */
  readonly buckets: readonly number[];
}

export interface HistogramSeries {
  readonly labels: SeriesLabels;
  labelText: string | undefined;
  /** One count per bound, and one for what is above all of them. */
  readonly counts: Float64Array;
  readonly exemplars: (StoredExemplar | undefined)[];
  sum: number;
  count: number;
}

/**
 * The histogram of the hot paths: every request, query and message is recorded in one. It keeps the same data as
 * prom-client's histogram and works with its registries. It finds a series with one look-up, and it is bounded: beyond
 * the limit, all values go to one overflow series.
 */
export class SeriesHistogram implements WritableHistogram {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly type = 'histogram';
  readonly aggregator: Aggregator;
  /** Values with the labels of their series kept apart from their own; faster to write out than {@link get}. */
  readonly getForPromString: MetricReading['get'];
  readonly collected: MetricReading['collected'];
  readonly current: MetricReading['current'];
  readonly bounds: readonly number[];
  readonly series: BoundedSeries<HistogramSeries>;
  written: object | undefined;

  constructor(
    { name, help, labelNames, buckets, aggregator = 'sum', collect }: HistogramDescription,
    limits: SeriesLimits,
  ) {
    this.name = name;
    this.help = help;
    this.labelNames = labelNames;
    this.aggregator = aggregator;
    const { get, collected, current } = readingOf(
      collect,
      () => this.snapshot(),
      () => new SeriesSnapshot(this, (series: readonly WritableHistogramSeries[]) => this.valuesOf(series)),
    );
    this.getForPromString = get;
    this.collected = collected;
    this.current = current;
    this.bounds = buckets;
    this.series = new BoundedSeries(name, labelNames, limits, (labels) => ({
      labels,
      labelText: undefined,
      counts: new Float64Array(buckets.length + 1),
      exemplars: [],
      sum: 0,
      count: 0,
    }));
    this.reset();
  }

  /** @param labels taken over: the caller must not use the object again */
  observe(labels: SeriesLabels, value: number, exemplar: StoredExemplar['labelSet'] | undefined): void {
    this.observeIn(this.series.of(labels), value, exemplar);
  }

  observeIn(
    series: HistogramSeries,
    value: number,
    exemplar: StoredExemplar['labelSet'] | undefined,
    unixMillis?: number,
  ): void {
    const bucket = this.bucketOf(value);
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count++;
    if (exemplar) series.exemplars[bucket] = storedExemplar(exemplar, value, unixMillis);
  }

  /** As prom-client's own metrics answer: every value with all of its labels. */
  async get(): Promise<MetricSnapshot> {
    const snapshot = await this.getForPromString();
    return {
      ...snapshot,
      values: snapshot.values.map(({ sharedLabels, labels, ...value }) => ({
        ...value,
        labels: { ...labels, ...sharedLabels },
      })),
    };
  }

  /** A series of the labels with all counts at zero. */
  zero(labels: SeriesLabels): void {
    const series = this.series.of(labels);
    series.counts.fill(0);
    series.exemplars.length = 0;
    series.sum = 0;
    series.count = 0;
  }

  remove(labels: SeriesLabels): void {
    this.series.delete(labels);
  }

  reset(): void {
    this.series.clear();
    // Present from the start, so that a rate over it is right from the first step on.
    if (this.labelNames.length === 0) this.series.of({});
  }

  private bucketOf(value: number): number {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    return bucket;
  }

  private snapshot(): MetricSnapshot {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.valuesOf(this.series.all()) };
  }

  private valuesOf(all: Iterable<WritableHistogramSeries>): MetricValue[] {
    const { name, bounds } = this;
    const bucketName = `${name}_bucket`;
    const values: MetricValue[] = [];
    for (const { labels: sharedLabels, counts, exemplars, sum, count } of all) {
      let cumulative = 0;
      for (let bucket = 0; bucket <= bounds.length; bucket++) {
        cumulative += counts[bucket] ?? 0;
        values.push({
          metricName: bucketName,
          labels: { le: bounds[bucket] ?? '+Inf' },
          sharedLabels,
          value: cumulative,
          exemplar: exemplars[bucket] ?? null,
        });
      }
      values.push({ metricName: `${name}_sum`, sharedLabels, value: sum });
      values.push({ metricName: `${name}_count`, sharedLabels, value: count });
    }
    return values;
  }
}
