import { isMainThread } from 'node:worker_threads';
import type { Logger } from 'winston';
import type { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Lifetime } from './lifetime.js';
import { logCrashes } from './log-crashes.js';
import { watchProcessEnd } from './process-end.js';
import { senderAtEnd, type Waiting } from './send-at-end.js';
import { flushBeforeExit, flushOnSignals } from './signals.js';
import { registerThreads, releaseEndedThreads, sendWhenAsked } from './thread-ends.js';

export interface ProcessEndParts {
  readonly options: Pick<ResolvedOptions, 'shutdown' | 'logs'>;
  readonly lifetime: Lifetime;
  /** Where telemetry waits, in the order in which it is sent. */
  readonly waiting: readonly (Waiting | undefined)[];
  /** Called before it is sent: what is still running is reported as it is. */
  readonly beforeEnd: () => void;
  /** Leaves what was counted to the other processes of the service, at once. */
  readonly leaveCounts: () => void;
  readonly logger: Logger;
  readonly report: (error: ObservabilityError) => void;
}

/** Sends what waits however the process ends: by itself, by a signal, by `process.exit()` or by a crash. */
export function endWithProcess(parts: ProcessEndParts): void {
  const { options, lifetime, waiting, beforeEnd, leaveCounts, logger, report } = parts;
  const { timeoutMillis, exitTimeoutMillis, handleSignals } = options.shutdown;
  const atEnd = senderAtEnd({ waiting, timeoutMillis: exitTimeoutMillis, beforeEnd, leaveCounts, report });
  const flushAtEnd = async () => {
    lifetime.hurry(timeoutMillis);
    await lifetime.flush(timeoutMillis);
    atEnd.flushed();
  };
  lifetime.add(flushBeforeExit(flushAtEnd));
  if (handleSignals) lifetime.add(flushOnSignals(flushAtEnd, atEnd.send));
  lifetime.add(watchProcessEnd(atEnd.send));
  if (options.logs.crashes) lifetime.add(logCrashes(logger));
  if (isMainThread) registerThreads();
  else {
    lifetime.add(
      sendWhenAsked(async (millis) => {
        lifetime.hurry(millis);
        await lifetime.send(millis);
        leaveCounts();
        return !waiting.some((part) => part?.hasFailed());
      }),
    );
  }
  lifetime.add(releaseEndedThreads());
}
