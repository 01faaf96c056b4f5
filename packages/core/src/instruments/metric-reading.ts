import type { MetricSnapshot, MetricValue } from './metric-snapshot.js';
import type { WritableValueSeries } from './series-snapshot.js';

/** How the values of a metric are read. */
export interface MetricReading {
  /** At a scrape of prom-client's own. */
  get(): Promise<MetricSnapshot>;
  /** At a scrape of Throughline: at once, unless a callback of the service has to be waited for. */
  collected(): MetricSnapshot | Promise<MetricSnapshot>;
  /** At the end of the process, when waiting is not possible. An asynchronous callback then has no effect: its earlier values are used. */
  current(): MetricSnapshot;
}

/**
 * @param collect what the service wants called before the values are read
 * @param snapshot the values as they are
 * @param writable the same, for the writer of answers
 */
export function readingOf(
  collect: (() => unknown) | undefined,
  snapshot: () => MetricSnapshot,
  writable: () => MetricSnapshot,
): MetricReading {
  return {
    async get() {
      await collect?.();
      return snapshot();
    },
    collected:
      collect === undefined
        ? writable
        : () => {
            const answer = collect();
            // A callback that is called again, for another scrape, while this one waits may take the values away for a moment.
            return answer === undefined ? writable() : Promise.resolve(answer).then(snapshot);
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
  readonly aggregator: MetricSnapshot['aggregator'];
  readonly series: { all(): Iterable<WritableValueSeries> };
}): MetricSnapshot {
  const { name, help, type, aggregator, series } = metric;
  return { name, help, type, aggregator, values: singleValues(series.all()) };
}

/** One value for each series, which does not change any more. */
export function singleValues(series: Iterable<WritableValueSeries>): MetricValue[] {
  return Array.from(series, ({ labels, value, exemplar }) =>
    exemplar === undefined ? { labels, value } : { labels, value, exemplar },
  );
}
