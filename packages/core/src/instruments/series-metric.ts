import type { Registry } from 'prom-client';
import type { ExemplarLabels } from './exemplar.js';
import type { Aggregator } from './metric-snapshot.js';

export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** How the values of several processes become one. Default: `sum`. */
  readonly aggregator?: Aggregator | undefined;
  /** Called at every scrape, before the values are read. */
  readonly collect?: (() => unknown) | undefined;
}

/** An exemplar as prom-client keeps it. */
export interface StoredExemplar {
  readonly labelSet: ExemplarLabels | Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/** @param unixMillis when the value was recorded */
export function storedExemplar(
  labelSet: StoredExemplar['labelSet'],
  value: number,
  unixMillis: number = Date.now(),
): StoredExemplar {
  return { labelSet, value, timestamp: unixMillis / 1000 };
}

/** prom-client's registries accept every object that has a name and can be collected. */
export function registerMetric(registry: Registry, metric: { readonly name: string }): void {
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}
