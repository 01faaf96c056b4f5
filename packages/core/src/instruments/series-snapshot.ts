import type { Aggregator, MetricSnapshot, MetricValue, SnapshotLabels } from './metric-snapshot.js';
import type { StoredExemplar } from './series-metric.js';

/** A series as it is written into the answer to a scrape. */
export interface WritableSeries {
  readonly labels: SnapshotLabels;
  /**
   * Its labels as text, from one answer to the next. `undefined`: nobody has looked at the labels yet. Empty: the labels
   * may be written as they are, but their text is not kept.
   */
  labelText: string | undefined;
}

export interface WritableHistogramSeries extends WritableSeries {
  /** One count per bound, and one for what is above all of them. */
  readonly counts: Float64Array;
  readonly exemplars: readonly (StoredExemplar | undefined)[];
  readonly sum: number;
  readonly count: number;
}

export interface WritableValueSeries extends WritableSeries {
  readonly value: number;
  readonly exemplar?: StoredExemplar | null;
}

interface Writable<S extends WritableSeries> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly aggregator: Aggregator;
  readonly series: { all(): readonly S[] };
  /** What the writer of answers keeps of the metric. */
  written: object | undefined;
}

export interface WritableHistogram extends Writable<WritableHistogramSeries> {
  readonly type: 'histogram';
  /** Upper bounds, ascending, without infinity. */
  readonly bounds: readonly number[];
}

export interface WritableValues extends Writable<WritableValueSeries> {
  readonly type: 'counter' | 'gauge';
}

/**
 * What a scrape collects of a metric of Throughline's own: the series that it has at this moment. Each of them can be
 * written as it is, without an object for every value. Code that merges metrics or changes labels takes `values`, as it
 * does of any other metric.
 */
export class SeriesSnapshot<S extends WritableSeries = WritableSeries> implements MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly series: readonly S[];
  /** The writer that may write the series. */
  admittedBy: object | undefined;
  private made: readonly MetricValue[] | undefined;

  constructor(
    readonly metric: Writable<S> & (WritableHistogram | WritableValues),
    private readonly valuesOf: (series: readonly S[]) => readonly MetricValue[],
  ) {
    this.name = metric.name;
    this.help = metric.help;
    this.type = metric.type;
    this.aggregator = metric.aggregator;
    this.series = metric.series.all();
  }

  get values(): readonly MetricValue[] {
    this.made ??= this.valuesOf(this.series);
    return this.made;
  }
}
