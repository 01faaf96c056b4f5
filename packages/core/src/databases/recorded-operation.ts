import { type Context, context, type Span, trace } from '@opentelemetry/api';
import { callErrorType, callFailure } from '../model/call-failure.js';
import { recordError } from '../model/foreign-error.js';
import type { DatabaseOperation, DatabaseOutcome, StartedDatabaseOperation } from '../plugin/databases.js';
import { endedSeconds, startedMillis } from '../recorder/span/span-clock.js';
import type { DatabaseMetrics } from './database-metrics.js';

/** An operation between its start and its end. */
export class RecordedDatabaseOperation implements StartedDatabaseOperation {
  private readonly startMillis: number;
  private ended = false;

  constructor(
    private readonly operation: DatabaseOperation,
    readonly span: Span | undefined,
    private readonly parent: Context,
    private readonly metrics: DatabaseMetrics,
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
    const { span } = this;
    const type = outcome === undefined ? undefined : recordOutcome(span, outcome);
    this.metrics.record(this.operation, endedSeconds(span, this.startMillis), type, span);
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
