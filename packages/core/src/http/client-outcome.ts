import type { Span } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  errorCodeOf,
  errorType,
  propertyOf,
  recordException,
  setErrorStatus,
} from '../model/foreign-error.js';
import { isAbortReason } from './abort-reasons.js';

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

/** A reason that says that it took too long, as libraries and services name it. */
const timeoutName = /time(?:d\s?|_)?out/i;

function isTimeout(error: unknown): boolean {
  return ['name', 'code', 'message'].some((name) => {
    const text = propertyOf(error, name);
    return typeof text === 'string' && timeoutName.test(text);
  });
}

/** What made the call fail: Node's http raises the same error for every signal, with the reason as its cause. */
function failureOf(error: unknown): unknown {
  const cause = propertyOf(error, 'name') === 'AbortError' ? propertyOf(error, 'cause') : undefined;
  return cause !== undefined && isTimeout(cause) ? cause : error;
}

/**
 * Whether the service itself cancelled the call, for whatever reason. That is not an error: semantic conventions, HTTP
 * spans, "HTTP client". A timeout is an error, also if a signal triggers it.
 */
function isCancelled(error: unknown, statusCode: number | undefined): boolean {
  if (cancelledNames.has(propertyOf(error, 'name')) || cancelledCodes.has(propertyOf(error, 'code')))
    return true;
  if (isTimeout(error)) return false;
  // Only a reason is no error. Once there is a response, what comes without a code is what its reader has cancelled it with.
  const isReason = typeof error !== 'object' || isAbortReason(error);
  return isReason || (statusCode !== undefined && errorCodeOf(error) === undefined);
}

/** The error of a call that failed; undefined if the service cancelled it. */
function failure({ statusCode, error }: ClientOutcome): unknown {
  if (error === undefined) return undefined;
  const failed = failureOf(error);
  return isCancelled(failed, statusCode) ? undefined : failed;
}

/**
 * `error.type` of an outgoing call: the code of the error, otherwise its class; without an error the status code, from
 * 400 on. https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function clientErrorType(outcome: ClientOutcome): string | undefined {
  const { statusCode } = outcome;
  const error = failure(outcome);
  if (error !== undefined) return errorCodeOf(error) ?? errorType(error);
  return statusCode !== undefined && statusCode >= 400 ? String(statusCode) : undefined;
}

/** Writes the outcome to the span and ends it. @param endTime Default: now. */
export function endClientSpan(span: Span, outcome: ClientOutcome, endTime?: number): void {
  const { statusCode } = outcome;
  const error = failure(outcome);
  const type = clientErrorType(outcome);
  if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode);
  if (type !== undefined) {
    span.setAttribute('error.type', type);
    if (error === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    else {
      setErrorStatus(span, error);
      recordException(span, error);
    }
  }
  span.end(endTime);
}
