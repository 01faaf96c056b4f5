import type { Span } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import { callErrorType, callFailure, saysTimeout } from '../model/call-failure.js';
import { errorCodeOf, recordException, setErrorStatus } from '../model/foreign-error.js';
import { setKnown } from '../recorder/span/known-attribute.js';

/** How one outgoing HTTP call ended, the same for its span and for its metric. */
export interface ClientOutcome {
  /** Undefined when no response came. */
  readonly statusCode: number | undefined;
  /** Undefined when nothing failed. */
  readonly error: unknown;
}

/** The error of a call that failed; undefined if the service cancelled it. */
function failure({ statusCode, error }: ClientOutcome): unknown {
  if (error === undefined) return undefined;
  const failed = callFailure(error);
  if (failed === undefined || saysTimeout(failed)) return failed;
  // Only a reason is no error. Once there is a response, what comes without a code is what its reader has cancelled it with.
  const isReason =
    typeof failed !== 'object' || (statusCode !== undefined && errorCodeOf(failed) === undefined);
  return isReason ? undefined : failed;
}

/**
 * `error.type` of an outgoing call: the code of the error, otherwise its class; without an error the status code, from
 * 400 on. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function clientErrorType(outcome: ClientOutcome): string | undefined {
  const { statusCode } = outcome;
  const error = failure(outcome);
  if (error !== undefined) return callErrorType(error);
  return statusCode !== undefined && statusCode >= 400 ? String(statusCode) : undefined;
}

/** Writes the outcome to the span, which ends then. */
export function describeOutcome(span: Span, outcome: ClientOutcome, type: string | undefined): void {
  const { statusCode } = outcome;
  if (statusCode !== undefined) setKnown(span, 'http.response.status_code', statusCode);
  if (type === undefined) return;
  const error = failure(outcome);
  span.setAttribute('error.type', type);
  if (error === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  else {
    setErrorStatus(span, error);
    recordException(span, error);
  }
}
