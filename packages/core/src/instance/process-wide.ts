import { createRegistry } from '../instruments/registry.js';
import { Jobs } from '../jobs/jobs.js';
import { createProcessLogger, type ProcessLogger } from '../logs/logger.js';
import { ApplicationMetrics } from '../metrics/application-metrics.js';
import { processState } from './process-state.js';

/** The one logger of the process, whichever copy of this package asks. */
export function serviceLogger(): ProcessLogger {
  const state = processState();
  state.serviceLogger ??= createProcessLogger();
  return state.serviceLogger;
}

/** The service's own metrics, one set per process as well. */
export function applicationMetrics(): ApplicationMetrics {
  const state = processState();
  state.applicationMetrics ??= new ApplicationMetrics(createRegistry());
  return state.applicationMetrics;
}

/** The jobs of the process, which may be declared before `initObservability`. */
export function processJobs(): Jobs {
  const state = processState();
  state.jobs ??= new Jobs();
  return state.jobs;
}
