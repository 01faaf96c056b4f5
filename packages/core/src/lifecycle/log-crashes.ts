import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from 'winston';
import { sendBlocking } from '../export/blocking-send.js';
import type { OtlpPipeline } from '../export/otlp-pipeline.js';
import { recordException } from '../model/foreign-error.js';
import { type Crash, watchCrashes } from './crashes.js';

export interface CrashParts {
  readonly traces: Pick<OtlpPipeline<unknown>, 'takeForEnd'>;
  readonly logs: { readonly otlp: Pick<OtlpPipeline<unknown>, 'takeForEnd'> | undefined };
  readonly timeoutMillis: number;
}

/** Longest time that the end of the process is held up. */
const maxBlockMillis = 2_000;

/**
 * Logs what nobody caught with the trace that it came from, and sends what waits before Node ends the process.
 *
 * @returns stops
 */
export function logCrashes(logger: Logger, { traces, logs, timeoutMillis }: CrashParts): () => void {
  return watchCrashes((crash) => {
    context.with(crash.context, logCrash, undefined, logger, crash);
    if (!crash.isEnd) return;
    endSpan(crash);
    const requests = [traces.takeForEnd(), logs.otlp?.takeForEnd()].filter(
      (request) => request !== undefined,
    );
    sendBlocking(requests, Math.min(timeoutMillis, maxBlockMillis));
  });
}

function logCrash(logger: Logger, { error, origin }: Crash): void {
  const what = origin === 'uncaughtException' ? 'Uncaught exception' : 'Unhandled rejection';
  if (error instanceof Error) logger.error(what, { error, origin });
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
