import { register as ownDefaultRegistry } from 'prom-client';
import type { MetricRegistry } from '../options/metric-options.js';
import { isObjectWith } from '../options/option.js';
import { loadedFiles } from '../patching/loaded-packages.js';

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
