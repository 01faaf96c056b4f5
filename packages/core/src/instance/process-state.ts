import type { Jobs } from '../jobs/jobs.js';
import type { ProcessLogger } from '../logs/logger.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import type { ProcessKind } from '../model/process-kind.js';
import type { Observability } from './observability.js';
import type { ObservabilityOptions } from './observability-options.js';

/**
 * What this process has of Throughline. It hangs on globalThis because a service may well load this package
 * twice: as an ES module and as CommonJS, or through two folders of node_modules.
 */
export interface ProcessState {
  serviceLogger?: ProcessLogger;
  applicationMetrics?: ApplicationMetrics | undefined;
  jobs?: Jobs | undefined;
  /** What the `register` entry has taken this process for. */
  register?: ProcessKind | undefined;
  current?: { readonly observability: Observability; readonly options: ObservabilityOptions } | undefined;
}

const key = Symbol.for('throughline.process-state.1');

export function processState(): ProcessState {
  const holder = globalThis as { [key]?: ProcessState };
  let state = holder[key];
  if (!state) {
    state = {};
    Object.defineProperty(holder, key, { value: state });
  }
  return state;
}
