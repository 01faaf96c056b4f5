import { createRegistry } from '../instruments/registry.js';
import { createServiceLogger, type ServiceLogger } from '../logs/logger.js';
import { CustomMetrics } from '../metrics/custom-metrics.js';
import { processState } from './process-state.js';

/** The one logger of the process, whichever copy of this package asks. */
export function serviceLogger(): ServiceLogger {
  const state = processState();
  state.serviceLogger ??= createServiceLogger();
  return state.serviceLogger;
}

/** The service's own metrics, one set per process as well. */
export function customMetrics(): CustomMetrics {
  const state = processState();
  state.customMetrics ??= new CustomMetrics(createRegistry());
  return state.customMetrics;
}
