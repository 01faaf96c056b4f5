import { type Context, context, type Span, trace } from '@opentelemetry/api';
import type { BoundInstrument } from '../instruments/instruments.js';
import { callErrorType, callFailure } from '../model/call-failure.js';
import { recordError } from '../model/foreign-error.js';
import type { DatabaseOperation, DatabaseOutcome, StartedDatabaseOperation } from '../plugin/databases.js';
import { recordDuration } from '../recorder/span/recorded-duration.js';
import { endedSeconds, startedMillis } from '../recorder/span/span-clock.js';
import type { DatabaseMetrics } from './database-metrics.js';

/** What all operations that are started from one description share. */
export interface MeasuredOperation {
  readonly operation: DatabaseOperation;
  readonly metrics: DatabaseMetrics;
  /** Where those that succeed are recorded; undefined if it has to be looked up. */
  succeededSeries(): BoundInstrument | undefined;
}

/** An operation between its start and its end. */
export class RecordedDatabaseOperation implements StartedDatabaseOperation {
  private readonly startMillis: number;
  private ended = false;

  constructor(
    private readonly measured: MeasuredOperation,
    readonly span: Span | undefined,
    private readonly parent: Context,
    startMillis: number | undefined,
  ) {
    this.startMillis = startMillis ?? startedMillis(span);
  }

  run<T>(fn: () => T): T {
    return this.span ? context.with(trace.setSpan(this.parent, this.span), fn) : fn();
  }

  end(outcome?: DatabaseOutcome): void {
    if (this.ended) return;
    this.ended = true;
    const { span, measured } = this;
    const type = outcome === undefined ? undefined : recordOutcome(span, outcome);
    const series = type === undefined ? measured.succeededSeries() : undefined;
    if (series !== undefined) recordDuration(series, span, this.startMillis);
    else measured.metrics.record(measured.operation, endedSeconds(span, this.startMillis), type, span);
  }
}

/** @returns `error.type`; undefined for success */
function recordOutcome(span: Span | undefined, outcome: DatabaseOutcome): string | undefined {
  const failure = failureOf(outcome);
  const type = failure === undefined ? undefined : errorTypeOf(failure, outcome);
  if (span !== undefined) {
    if (type !== undefined) recordFailure(span, failure, outcome, type);
    if (outcome.attributes) span.setAttributes(outcome.attributes);
  }
  return type;
}

/** Undefined for success, and for an operation that the service has cancelled. An error of the server is one in any case. */
function failureOf({ error, statusCode }: DatabaseOutcome): unknown {
  return error === undefined || statusCode !== undefined ? error : callFailure(error);
}

function errorTypeOf(failure: unknown, { statusCode }: DatabaseOutcome): string {
  return statusCode ?? callErrorType(failure);
}

function recordFailure(span: Span, failure: unknown, { statusCode }: DatabaseOutcome, type: string): void {
  if (statusCode !== undefined) span.setAttribute('db.response.status_code', statusCode);
  recordError(span, failure, type);
}
