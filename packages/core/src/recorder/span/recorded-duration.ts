import type { Span } from '@opentelemetry/api';
import { exemplarOfSpan } from '../../instruments/exemplar.js';
import type { BoundInstrument } from '../../instruments/instruments.js';
import { RecordedSpan } from './span.js';
import { endedSeconds } from './span-clock.js';

/**
 * Ends the span of a call and records how long the call has lasted, with the span as the exemplar. The clock is looked at
 * once for all of it.
 *
 * @param startMillis when the call has started, as a reading of `performance.now()`
 */
export function recordDuration(series: BoundInstrument, span: Span | undefined, startMillis: number): void {
  if (span instanceof RecordedSpan && span.isRecording()) {
    span.end();
    series.record(span.durationSeconds, exemplarOfSpan(span), endUnixMillis(span));
  } else {
    series.record(endedSeconds(span, startMillis), exemplarOfSpan(span), Date.now());
  }
}

/** When a span has started, without another look at the clock. */
export function startUnixMillis(span: Span): number {
  return span instanceof RecordedSpan
    ? span.startSeconds * 1_000 + Math.floor(span.startNanos / 1e6)
    : Date.now();
}

/** When a span has ended. */
export function endUnixMillis(span: RecordedSpan): number {
  return span.endSeconds * 1_000 + Math.floor(span.endNanos / 1e6);
}
