import { isAbortReason } from './abort-reasons.js';
import { errorCodeOf, errorType, propertyOf } from './foreign-error.js';

/*
 * One rule for everything that the service calls: HTTP, databases, brokers, RPC. A call that the service itself has
 * cancelled is not an error: semantic conventions, HTTP spans, "HTTP client". A timeout is one, also if a signal
 * triggers it.
 */

/** Names and codes by which clients say that their caller cancelled: Node, fetch, Redis, AWS; undici; axios. */
const cancelledNames = new Set<unknown>(['AbortError', 'CanceledError']);
const cancelledCodes = new Set<unknown>(['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED']);

/** A reason that says that it took too long, as libraries and services name it. */
const timeoutName = /time(?:d\s?|_)?out/i;

/** Whether an error, or the reason of an aborted call, says that it took too long. */
export function saysTimeout(error: unknown): boolean {
  if (typeof error === 'string') return timeoutName.test(error);
  return ['name', 'code', 'message'].some((name) => {
    const text = propertyOf(error, name);
    return typeof text === 'string' && timeoutName.test(text);
  });
}

function isAborted(error: unknown): boolean {
  // Of some only the class has the name.
  return cancelledNames.has(errorType(error)) || cancelledCodes.has(propertyOf(error, 'code'));
}

/** Why a call was aborted, where its client keeps it: Node as the cause, axios in the signal of the call. */
function reasonOf(aborted: unknown): unknown {
  return (
    propertyOf(aborted, 'cause') ?? propertyOf(propertyOf(propertyOf(aborted, 'config'), 'signal'), 'reason')
  );
}

/**
 * What made a call fail.
 *
 * @param error what the client threw
 * @returns the error, or the timeout that aborted the call; undefined if the service has cancelled it, for whatever reason
 */
export function callFailure(error: unknown): unknown {
  if (isAborted(error)) {
    const reason = reasonOf(error);
    if (saysTimeout(reason)) return reason;
    return saysTimeout(error) ? error : undefined;
  }
  return isAbortReason(error) && !saysTimeout(error) ? undefined : error;
}

/** `error.type` of a call that failed: the code of the error, otherwise its class; `TimeoutError` if only its message says so. */
export function callErrorType(failure: unknown): string {
  const type = isAborted(failure) ? 'Error' : (errorCodeOf(failure) ?? errorType(failure));
  // Of many timeouts only the message says that they are one: those of pg and ioredis, and reasons of aborted calls.
  return (type === 'Error' || type === '_OTHER') && saysTimeout(failure) ? 'TimeoutError' : type;
}
