import { type Context, context, type Span, trace } from '@opentelemetry/api';
import type { UnitOfWork } from '../annotations/unit-of-work.js';
import { type ExemplarLabels, exemplarOfSpan } from '../instruments/exemplar.js';
import { errorType, recordError } from '../model/foreign-error.js';
import type { MessagingOutcome, StartedMessagingOperation } from '../plugin/messaging.js';
import { endUnixMillis } from '../recorder/span/recorded-duration.js';
import { RecordedSpan } from '../recorder/span/span.js';
import type { KnownOperation } from './known-operations.js';
import type { RunningBatch } from './message-context.js';

/** What an operation needs when it has ended. One object for all operations of a kind. */
export type Ended<A> = (
  operation: RecordedOperation<A>,
  durationSeconds: number,
  errorType: string | undefined,
  failedCount: number | undefined,
) => void;

/** An operation with a span, about what `A` says. */
export class RecordedOperation<A> implements StartedMessagingOperation {
  ageSeconds: number | undefined = undefined;
  work: UnitOfWork | undefined = undefined;
  batch: RunningBatch | undefined = undefined;
  /** When it has ended, as a time since 1970. */
  endMillis = 0;
  private exemplar: ExemplarLabels | undefined = undefined;
  private ended = false;
  private readonly startMillis: number;

  /** @param running the context with the span in it; undefined if it is made when something runs in it */
  constructor(
    readonly span: Span,
    readonly about: A,
    readonly known: KnownOperation,
    private readonly parent: Context,
    private running: Context | undefined,
    private readonly onEnd: Ended<A>,
  ) {
    this.startMillis = span instanceof RecordedSpan ? span.startedMillis : performance.now();
  }

  get context(): Context {
    this.running ??= trace.setSpan(this.parent, this.span);
    return this.running;
  }

  run<T>(fn: () => T): T {
    return context.with(this.context, fn);
  }

  /** The same labels for all metrics; a span that is not sampled may still be kept when it ends. */
  exemplarLabels(): ExemplarLabels | undefined {
    this.exemplar ??= exemplarOfSpan(this.span);
    return this.exemplar;
  }

  end(outcome: MessagingOutcome = succeeded): void {
    if (this.ended) return;
    this.ended = true;
    const { span } = this;
    const failure = failureOf(outcome);
    describeOutcome(span, outcome, failure);
    // The handler may have ended it.
    const isEndedHere = span.isRecording();
    span.end();
    const isEndOfSpan = isEndedHere && span instanceof RecordedSpan;
    const durationSeconds = isEndOfSpan
      ? span.durationSeconds
      : (performance.now() - this.startMillis) / 1000;
    this.endMillis = isEndOfSpan ? endUnixMillis(span) : Date.now();
    this.onEnd(this, durationSeconds, failure, outcome.failedCount);
  }
}

const succeeded: MessagingOutcome = Object.freeze({});

/** `error.type` for any thrown value; undefined for success. */
export function failureOf(outcome: MessagingOutcome): string | undefined {
  return 'error' in outcome ? (outcome.errorType ?? errorType(outcome.error)) : undefined;
}

export function describeOutcome(span: Span, outcome: MessagingOutcome, failure: string | undefined): void {
  if (failure !== undefined) {
    recordError(span, outcome.error, failure);
  }
  if (outcome.count !== undefined) span.setAttribute('messaging.batch.message_count', outcome.count);
  if (outcome.attributes) span.setAttributes(outcome.attributes);
}
