import type { Span } from '@opentelemetry/api';
import { RecordedSpan } from './span.js';

/*
 * What a call measures besides its span. To look at the clock takes some 50 ns, so that start and duration are those of the
 * span, if it is one of the recorder.
 */

/** When the span has started, as a reading of `performance.now()`; now if there is none. */
export function startedMillis(span: Span | undefined): number {
  return span instanceof RecordedSpan ? span.startedMillis : performance.now();
}

/**
 * Ends the span.
 *
 * @returns how long the call has lasted
 */
export function endedSeconds(span: Span | undefined, startMillis: number): number {
  // Its owner may have ended it before.
  const isEndedHere = span?.isRecording() === true;
  span?.end();
  return isEndedHere && span instanceof RecordedSpan
    ? span.durationSeconds
    : (performance.now() - startMillis) / 1000;
}
