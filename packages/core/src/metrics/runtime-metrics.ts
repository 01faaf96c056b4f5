import type { Registry } from 'prom-client';
import type { Aggregator } from '../instruments/metric-snapshot.js';

/**
 * Of the processes of a cluster each has its own memory and event loop: a sum or an average over them would hide the
 * one that is in trouble. Only the version of Node is one, as prom-client has it.
 *
 * @param registry has prom-client's runtime metrics and nothing else yet
 */
export function keepApart(registry: Registry): void {
  for (const metric of registry.getMetricsAsArray() as unknown as { aggregator: Aggregator }[]) {
    if (metric.aggregator !== 'first') metric.aggregator = 'each';
  }
}
