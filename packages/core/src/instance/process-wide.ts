import { createRegistry } from '../instruments/registry.js';
import { createServiceLogger, type ServiceLogger } from '../logs/logger.js';
import { ApplicationMetrics } from '../metrics/application-metrics.js';
import { processState } from './process-state.js';

/** The one logger of the process, whichever copy of this package asks. */
export function serviceLogger(): ServiceLogger {
  const state = processState();
  state.serviceLogger ??= createServiceLogger();
  return state.serviceLogger;
}

/** The service's own metrics, one set per process as well. */
export function applicationMetrics(): ApplicationMetrics {
  const state = processState();
  state.applicationMetrics ??= new ApplicationMetrics(createRegistry());
  return state.applicationMetrics;
}
