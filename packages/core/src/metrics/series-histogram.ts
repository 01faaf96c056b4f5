import type { Registry } from 'prom-client';
import type { ExemplarLabels } from './exemplar.js';
import type { MetricSnapshot, MetricValue } from './exposition.js';
import { type LabelValues, maxLabelValueLength, overflowLabel } from './label-sets.js';

export interface HistogramDescription {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds, ascending, without infinity. */
  readonly buckets: readonly number[];
}

interface Series {
  readonly labels: LabelValues;
  /** One count per bound, and one for what is above all of them. */
  readonly counts: Float64Array;
  readonly exemplars: (StoredExemplar | undefined)[];
  sum: number;
  count: number;
}

interface StoredExemplar {
  readonly labelSet: ExemplarLabels;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/**
 * The histogram of the hot paths: every request, query and message goes through one. It keeps what prom-client's
 * keeps and registers with its registries, but finds a series by one look-up, keeps exemplars beside the counts,
 * and is bounded: beyond `maxSeries` everything goes to one overflow series.
 */
export class SeriesHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly labelNames: readonly string[];
  private readonly bounds: readonly number[];
  private readonly series = new Map<string, Series>();
  private overflow: Series | undefined;

  constructor(
    description: HistogramDescription,
    private readonly maxSeries: number,
    private readonly onOverflow: () => void,
  ) {
    this.name = description.name;
    this.help = description.help;
    this.labelNames = description.labelNames;
    this.bounds = description.buckets;
  }

  register(registry: Registry): void {
    // prom-client's registries take whatever has a name and can be collected.
    registry.registerMetric(this as unknown as Parameters<Registry['registerMetric']>[0]);
  }

  /** @param labels taken over: the caller must not use the object again */
  observe(labels: LabelValues, value: number, exemplar: ExemplarLabels | undefined): void {
    let key = '';
    for (const name of this.labelNames) key += `${labels[name] ?? ''}\u0000`;
    const series = this.series.get(key) ?? this.newSeries(key, labels);
    const bucket = this.bucketOf(value);
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.count++;
    if (exemplar) series.exemplars[bucket] = { labelSet: exemplar, value, timestamp: Date.now() / 1000 };
  }

  /** As prom-client's own metrics answer: every value with all of its labels. */
  async get(): Promise<MetricSnapshot> {
    const snapshot = this.snapshot();
    return {
      ...snapshot,
      values: snapshot.values.map(({ sharedLabels, labels, ...value }) => ({
        ...value,
        labels: { ...labels, ...sharedLabels },
      })),
    };
  }

  /** The same with the labels of a series kept apart from those of its values; faster to write out. */
  async getForPromString(): Promise<MetricSnapshot> {
    return this.snapshot();
  }

  reset(): void {
    this.series.clear();
    this.overflow = undefined;
  }

  private bucketOf(value: number): number {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    return bucket;
  }

  private newSeries(key: string, labels: LabelValues): Series {
    if (this.series.size >= this.maxSeries) {
      this.onOverflow();
      this.overflow ??= this.emptySeries({ [overflowLabel]: 'true' });
      return this.overflow;
    }
    for (const name of this.labelNames) {
      const value = labels[name];
      if (value !== undefined && value.length > maxLabelValueLength) {
        labels[name] = `${value.slice(0, maxLabelValueLength - 1)}…`;
      }
    }
    const series = this.emptySeries(labels);
    this.series.set(key, series);
    return series;
  }

  private emptySeries(labels: LabelValues): Series {
    return { labels, counts: new Float64Array(this.bounds.length + 1), exemplars: [], sum: 0, count: 0 };
  }

  private snapshot(): MetricSnapshot {
    const { name, help, type, bounds } = this;
    const bucketName = `${name}_bucket`;
    const values: MetricValue[] = [];
    const all = this.overflow ? [...this.series.values(), this.overflow] : this.series.values();
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
    return { name, help, type, values };
  }
}
