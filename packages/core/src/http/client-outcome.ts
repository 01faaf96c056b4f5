import type { Span } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  errorCodeOf,
  errorType,
  propertyOf,
  recordException,
  setErrorStatus,
} from '../model/foreign-error.js';

/** How one outgoing HTTP call ended, the same for its span and for its metric. */
export interface ClientOutcome {
  /** Undefined when no response came. */
  readonly statusCode: number | undefined;
  /** Undefined when nothing failed. */
  readonly error: unknown;
}

/** Names and codes by which clients say that their caller cancelled: Node and fetch, undici, axios. */
const cancelledNames = new Set<unknown>(['AbortError', 'CanceledError']);
const cancelledCodes = new Set<unknown>(['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED']);

/**
 * Whether the service itself cancelled the call. That is not an error: semantic conventions, HTTP spans,
 * "HTTP client". A timeout is an error, also if a signal triggers it.
 */
function isCancelled(error: unknown): boolean {
  return cancelledNames.has(propertyOf(error, 'name')) || cancelledCodes.has(propertyOf(error, 'code'));
}

/**
 * `error.type` of an outgoing call: the code of the error, otherwise its class; without an error the status code, from
 * 400 on. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function clientErrorType({ statusCode, error }: ClientOutcome): string | undefined {
  if (error !== undefined && !isCancelled(error)) return errorCodeOf(error) ?? errorType(error);
  return statusCode !== undefined && statusCode >= 400 ? String(statusCode) : undefined;
}

/** Writes the outcome to the span and ends it. @param endTime Default: now. */
export function endClientSpan(span: Span, outcome: ClientOutcome, endTime?: number): void {
  const { statusCode, error } = outcome;
  const type = clientErrorType(outcome);
  if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode);
  if (type !== undefined) {
    span.setAttribute('error.type', type);
    if (error === undefined || isCancelled(error)) span.setStatus({ code: SpanStatusCode.ERROR });
    else {
      setErrorStatus(span, error);
      recordException(span, error);
    }
  }
  span.end(endTime);
}
