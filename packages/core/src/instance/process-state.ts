import type { ServiceLogger } from '../logs/logger.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import type { Observability } from './observability.js';
import type { ObservabilityOptions } from './observability-options.js';

/**
 * What this process has of Throughline. It hangs on globalThis because a service may well load this package
 * twice: as an ES module and as CommonJS, or through two folders of node_modules.
 */
export interface ProcessState {
  serviceLogger?: ServiceLogger;
  applicationMetrics?: ApplicationMetrics | undefined;
  /** Set where `throughline doctor` has started the service. */
  probe?: StartProbe | undefined;
  current?: { readonly observability: Observability; readonly options: ObservabilityOptions } | undefined;
}

/** Told how `initObservability` went. */
export interface StartProbe {
  started(observability: Observability): void;
  failed(error: unknown): void;
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
