import type { Aggregator, MetricSnapshot, MetricValue } from './metric-snapshot.js';

/** How the values of a metric are read. */
export interface MetricReading {
  /** At a scrape. */
  get(): Promise<MetricSnapshot>;
  /** At the end of the process, when waiting is not possible. An asynchronous callback then has no effect: its earlier values are used. */
  current(): MetricSnapshot;
}

/**
 * @param collect what the service wants called before the values are read
 * @param snapshot the values as they are
 */
export function readingOf(
  collect: (() => unknown) | undefined,
  snapshot: () => MetricSnapshot,
): MetricReading {
  return {
    async get() {
      await collect?.();
      return snapshot();
    },
    current() {
      const answer = collect?.();
      // Its rejection must not become an unhandled one.
      if (answer instanceof Promise) answer.catch(() => {});
      return snapshot();
    },
  };
}

/** The snapshot of a metric with one value for each series. */
export function snapshotOf(metric: {
  readonly name: string;
  readonly help: string;
  readonly type: MetricSnapshot['type'];
  readonly aggregator: Aggregator;
  readonly series: { all(): Iterable<MetricValue> };
}): MetricSnapshot {
  const { name, help, type, aggregator, series } = metric;
  return { name, help, type, aggregator, values: Array.from(series.all(), (each) => ({ ...each })) };
}
