import { register as ownDefaultRegistry } from 'prom-client';
import { isObjectWith } from '../options/option.js';
import { loadedFiles } from '../patching/loaded-packages.js';

/**
 * A registry of prom-client, whichever copy or version, or of its successor `@prometheus-io/client`: what Throughline
 * needs of it.
 */
export interface MetricRegistry {
  getMetricsAsArray(): readonly object[];
}

const isRegistry = isObjectWith<MetricRegistry>('getMetricsAsArray', 'registerMetric');

/** The default registries of all copies of prom-client and `@prometheus-io/client` that are loaded by now. */
export function defaultRegistries(): MetricRegistry[] {
  const found = new Set<MetricRegistry>([ownDefaultRegistry]);
  for (const name of ['prom-client', '@prometheus-io/client']) {
    for (const [, { exports }] of loadedFiles(name)) {
      if (typeof exports !== 'object' || exports === null || !('register' in exports)) continue;
      if (isRegistry(exports.register)) found.add(exports.register);
    }
  }
  return [...found];
}
