/*
 * Arguments and results of `counter()`, `gauge()` and `histogram()`. They have the shape of prom-client 15, so a service
 * that uses prom-client changes only an import. https://github.com/siimon/prom-client
 */
import type {
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from 'prom-client';
import type { Aggregator } from '../instruments/metric-snapshot.js';
import type { WrongCalls } from './wrong-call.js';

/**
 * Labels of one value: some or all of the declared names. Numbers and booleans become text. A label that is left out
 * is not on the series, which Prometheus reads as an empty value.
 */
export type LabelValues<L extends string> = [L] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Name in L]?: string | number | boolean | undefined };

/** The configuration that all kinds of metrics share. */
export interface MetricConfiguration<L extends string> {
  /** Prometheus name with its base unit, for example `order_value_euros` or `jobs_total`. */
  readonly name: string;
  /** One sentence for the person who finds the metric. */
  readonly help: string;
  /** Names of the labels; the compiler then allows no others. Default: none. */
  readonly labelNames?: readonly L[] | undefined;
  /**
   * The prom-client registries that hold the metric. Default: Throughline's, which `/metrics` serves. A registry that
   * is given here is served if it is prom-client's default one, or is listed in the option `metrics.registries`.
   */
  readonly registers?: readonly Registry[] | undefined;
  /**
   * How the values of several processes (`cluster`, `worker_threads`) become one: one of prom-client's aggregators, or `each`,
   * which keeps one series per process, with a label `worker`. Default: `sum`.
   */
  readonly aggregator?: Aggregator | undefined;
  /**
   * Whether `inc` and `observe` take one object, `{ labels, value, exemplarLabels }`, as with prom-client. Needed only for
   * your own exemplars. Without it the active trace is the exemplar. Default: false.
   */
  readonly enableExemplars?: boolean | undefined;
}

/** The configuration of a {@link counter}. */
export interface CounterConfiguration<L extends string = string> extends MetricConfiguration<L> {
  /**
   * Called at every scrape, before the values are read; `this` is the counter. It may be asynchronous. If it throws
   * or takes longer than five seconds, only this metric's samples are missing from that scrape.
   */
  readonly collect?: ((this: Counter<L>) => void | Promise<void>) | undefined;
}

/** The configuration of a {@link gauge}. */
export interface GaugeConfiguration<L extends string = string> extends MetricConfiguration<L> {
  /**
   * Called at every scrape, before the values are read; `this` is the gauge. It may be asynchronous. If it throws
   * or takes longer than five seconds, only this metric's samples are missing from that scrape.
   *
   * @example
   * gauge({
   *   name: 'queue_depth',
   *   help: 'Jobs that wait.',
   *   collect() {
   *     this.set(queue.length);
   *   },
   * });
   */
  readonly collect?: ((this: Gauge<L>) => void | Promise<void>) | undefined;
}

/** The configuration of a {@link histogram}. */
export interface HistogramConfiguration<L extends string = string> extends MetricConfiguration<L> {
  /** Upper bounds, ascending. Default: 14 bounds from 0.005 to 10, for durations in seconds; prom-client's are among them. */
  readonly buckets?: readonly number[] | undefined;
  /**
   * Called at every scrape, before the values are read; `this` is the histogram. It may be asynchronous. If it
   * throws or takes longer than five seconds, only this metric's samples are missing from that scrape.
   */
  readonly collect?: ((this: Histogram<L>) => void | Promise<void>) | undefined;
}

/** A value with an exemplar that the service chooses, for metrics with `enableExemplars`. */
export interface ValueWithExemplar<L extends string> {
  /** The labels of the value. Default: none. */
  readonly labels?: LabelValues<L> | undefined;
  /** The value. Default for counters: 1. */
  readonly value?: number | undefined;
  /** At most 128 characters, names and values together. Default: the active trace. */
  readonly exemplarLabels?: Readonly<Record<string, string | number>> | undefined;
}

/** A counter with its labels given; {@link Counter.labels} returns it. */
export interface LabelledCounter {
  /** Adds a number that is not negative. Default: 1. */
  inc(value?: number): void;
}

/** A gauge with its labels given; {@link Gauge.labels} returns it. */
export interface LabelledGauge<L extends string = string> {
  /** Adds a number. Default: 1. */
  inc(value?: number): void;
  /** Subtracts a number. Default: 1. */
  dec(value?: number): void;
  /** Sets the value. */
  set(value: number): void;
  /** Sets the value to the current time, in seconds since 1970. */
  setToCurrentTime(): void;
  /** Starts a timer. The function that it returns sets the value to the seconds since, and returns them. */
  startTimer(): (labels?: LabelValues<L>) => number;
}

/** A histogram with its labels given; {@link Histogram.labels} returns it. */
export interface LabelledHistogram<L extends string = string> {
  /** Records a value. */
  observe(value: number): void;
  /** Starts a timer. The function that it returns records the seconds since, and returns them. */
  startTimer(): (labels?: LabelValues<L>) => number;
}

/** A value that only goes up. Its name ends in `_total`. No call throws: docs/metrics.md says what is logged instead. */
export interface Counter<L extends string = string> extends WrongCalls<'counter'> {
  /**
   * Adds to the series of these labels, with the active trace as exemplar.
   *
   * @param value not negative. Default: 1
   */
  inc(labels: LabelValues<L>, value?: number): void;
  /** Adds to the series without labels. */
  inc(value?: number): void;
  /** Adds with an exemplar that the service chooses. Only with `enableExemplars`. */
  inc(data: ValueWithExemplar<L>): void;
  /** The same counter with the labels given, in the order of `labelNames`. Kept: faster than `inc(labels)`. */
  labels(...values: (string | number)[]): LabelledCounter;
  /** The same counter with the labels given. */
  labels(labels: LabelValues<L>): LabelledCounter;
  /** Removes the series of these labels. */
  remove(...values: (string | number)[]): void;
  /** Removes the series of these labels. */
  remove(labels: LabelValues<L>): void;
  /** Removes all series. A metric without labels starts at zero again. */
  reset(): void;
  /** The current values in prom-client's format. Calls `collect` first. */
  get(): ReturnType<PromCounter<L>['get']>;
}

/** A value that goes up and down. No call throws: docs/metrics.md says what is logged instead. */
export interface Gauge<L extends string = string> extends WrongCalls<'gauge'> {
  /** Sets the series of these labels. */
  set(labels: LabelValues<L>, value: number): void;
  /** Sets the series without labels. */
  set(value: number): void;
  /** Adds to the series of these labels. Default: 1. */
  inc(labels: LabelValues<L>, value?: number): void;
  /** Adds to the series without labels. Default: 1. */
  inc(value?: number): void;
  /** Subtracts from the series of these labels. Default: 1. */
  dec(labels: LabelValues<L>, value?: number): void;
  /** Subtracts from the series without labels. Default: 1. */
  dec(value?: number): void;
  /** Sets the value to the current time, in seconds since 1970. */
  setToCurrentTime(labels?: LabelValues<L>): void;
  /**
   * Starts a timer.
   *
   * @returns takes further labels, sets the value to the seconds since, and returns them
   */
  startTimer(labels?: LabelValues<L>): (endLabels?: LabelValues<L>) => number;
  /** The same gauge with the labels given, in the order of `labelNames`. Kept: faster than `set(labels, value)`. */
  labels(...values: (string | number)[]): LabelledGauge<L>;
  /** The same gauge with the labels given. */
  labels(labels: LabelValues<L>): LabelledGauge<L>;
  /** Removes the series of these labels. */
  remove(...values: (string | number)[]): void;
  /** Removes the series of these labels. */
  remove(labels: LabelValues<L>): void;
  /** Removes all series. A metric without labels starts at zero again. */
  reset(): void;
  /** The current values in prom-client's format. Calls `collect` first. */
  get(): ReturnType<PromGauge<L>['get']>;
}

/** Counts values in buckets. No call throws: docs/metrics.md says what is logged instead. */
export interface Histogram<L extends string = string> extends WrongCalls<'histogram'> {
  /** Records a value in the series of these labels, with the active trace as exemplar of its bucket. */
  observe(labels: LabelValues<L>, value: number): void;
  /** Records a value in the series without labels. */
  observe(value: number): void;
  /** Records a value with an exemplar that the service chooses. Only with `enableExemplars`. */
  observe(data: ValueWithExemplar<L>): void;
  /**
   * Starts a timer.
   *
   * @returns takes further labels, records the seconds since, and returns them
   */
  startTimer(labels?: LabelValues<L>): (endLabels?: LabelValues<L>) => number;
  /** The same histogram with the labels given, in the order of `labelNames`. Kept: faster than `observe(labels, value)`. */
  labels(...values: (string | number)[]): LabelledHistogram<L>;
  /** The same histogram with the labels given. */
  labels(labels: LabelValues<L>): LabelledHistogram<L>;
  /** Makes the series of these labels with all counts at zero, so that a rate over it is right from its first value. */
  zero(labels: LabelValues<L>): void;
  /** Removes the series of these labels. */
  remove(...values: (string | number)[]): void;
  /** Removes the series of these labels. */
  remove(labels: LabelValues<L>): void;
  /** Removes all series. A metric without labels starts at zero again. */
  reset(): void;
  /** The current values in prom-client's format. Calls `collect` first. */
  get(): ReturnType<PromHistogram<L>['get']>;
}

/** Declares a counter; the type of {@link counter}. It can also be called with `new`, like prom-client's class. */
export interface DeclareCounter {
  <const L extends string = never>(configuration: CounterConfiguration<L>): Counter<L>;
  new <const L extends string = never>(configuration: CounterConfiguration<L>): Counter<L>;
}

/** Declares a gauge; the type of {@link gauge}. It can also be called with `new`, like prom-client's class. */
export interface DeclareGauge {
  <const L extends string = never>(configuration: GaugeConfiguration<L>): Gauge<L>;
  new <const L extends string = never>(configuration: GaugeConfiguration<L>): Gauge<L>;
}

/** Declares a histogram; the type of {@link histogram}. It can also be called with `new`, like prom-client's class. */
export interface DeclareHistogram {
  <const L extends string = never>(configuration: HistogramConfiguration<L>): Histogram<L>;
  new <const L extends string = never>(configuration: HistogramConfiguration<L>): Histogram<L>;
}
