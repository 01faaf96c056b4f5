import { createServiceLogger, type ServiceLogger } from './logs/logger.js';
import { processState } from './process-state.js';

/** The one logger of the process, whichever copy of this package asks. */
export function serviceLogger(): ServiceLogger {
  const state = processState();
  state.serviceLogger ??= createServiceLogger();
  return state.serviceLogger;
}
