import type { Logger } from 'winston';
import type { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Lifetime } from './lifetime.js';
import { logCrashes } from './log-crashes.js';
import { watchProcessEnd } from './process-end.js';
import { senderAtEnd, type Waiting } from './send-at-end.js';
import { flushBeforeExit, flushOnSignals } from './signals.js';

export interface ProcessEndParts {
  readonly options: Pick<ResolvedOptions, 'shutdown' | 'logs'>;
  readonly lifetime: Lifetime;
  /** Where telemetry waits, in the order in which it is sent. */
  readonly waiting: readonly (Waiting | undefined)[];
  readonly logger: Logger;
  readonly report: (error: ObservabilityError) => void;
}

/** Sends what waits however the process ends: by itself, by a signal, by `process.exit()` or by a crash. */
export function endWithProcess({ options, lifetime, waiting, logger, report }: ProcessEndParts): void {
  const { timeoutMillis, exitTimeoutMillis, handleSignals } = options.shutdown;
  const flushAtEnd = () => {
    lifetime.hurry(timeoutMillis);
    return lifetime.flush(timeoutMillis);
  };
  lifetime.add(flushBeforeExit(flushAtEnd));
  if (handleSignals) lifetime.add(flushOnSignals(flushAtEnd));
  lifetime.add(watchProcessEnd(senderAtEnd({ waiting, timeoutMillis: exitTimeoutMillis, report })));
  if (options.logs.crashes) lifetime.add(logCrashes(logger));
}
