import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from 'winston';
import { isError, recordException } from '../model/foreign-error.js';
import type { Part } from '../model/part.js';
import { type Crash, watchCrashes } from './crashes.js';

/**
 * Logs an uncaught error with the trace that it came from, and ends its span. What waits is sent at the end of the
 * process, which follows (process-end.ts).
 */
export function logCrashes(logger: Logger): Part {
  const stop = watchCrashes((crash) => {
    context.with(crash.context, logCrash, undefined, logger, crash);
    if (crash.isEnd) endSpan(crash);
  });
  return { stop };
}

function logCrash(logger: Logger, { error, origin }: Crash): void {
  const what = origin === 'uncaughtException' ? 'Uncaught exception' : 'Unhandled rejection';
  if (isError(error)) logger.error(what, { error, origin });
  else logger.error(what, { reason: error, origin });
}

/** The span in which it happened would never end. */
function endSpan({ error, context: crashed }: Crash): void {
  const span = trace.getSpan(crashed);
  if (!span?.isRecording()) return;
  recordException(span, error);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
