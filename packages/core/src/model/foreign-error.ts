import { types } from 'node:util';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { setOwn } from './own-property.js';

/** Words that are as good as a class name: no spaces, no values, short. */
const className = /^[A-Za-z_$][\w$.]{0,63}$/;
/** Codes such as `ECONNREFUSED` or `ER_DUP_ENTRY`: low in cardinality by their form. */
const errorCode = /^[A-Z0-9][A-Z0-9_]{0,63}$/;

/**
 * A property of a value that the service threw. Services throw what they like: an object with a getter that throws,
 * a revoked Proxy, `Object.create(null)`. No function in this file throws, for any value.
 *
 * @returns undefined if it cannot be read
 */
export function propertyOf(value: unknown, name: PropertyKey): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

/** Whether a value is an Error, of this realm or another. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || types.isNativeError(value);
  } catch {
    return false;
  }
}

/**
 * `error.type` of a thrown value: the name of its class; its code, if the class is only `Error`; otherwise
 * `_OTHER`. Never a message, which could make a series per request. https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const name = propertyOf(error, 'name');
  // 'Error' and 'error' (pg's DatabaseError) say less than the class does.
  if (typeof name === 'string' && name.toLowerCase() !== 'error' && className.test(name)) return name;
  const constructorName = propertyOf(propertyOf(error, 'constructor'), 'name');
  const isClass = typeof constructorName === 'string' && className.test(constructorName);
  if (isClass && constructorName !== 'Error') return constructorName;
  // The class of a system error is less specific than its code.
  return errorCodeOf(error) ?? (isClass || isError(error) ? 'Error' : '_OTHER');
}

/** The `code` of an error if it is a code of a client or of Node: `ECONNREFUSED`, `PLT_KFK_NETWORK`. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = propertyOf(error, 'code');
  return typeof code === 'string' && errorCode.test(code) ? code : undefined;
}

/**
 * The own enumerable properties of a value, symbols included, as a plain object; what a getter throws costs its own
 * value only.
 *
 * @param unreadable takes the place of what cannot be read
 */
export function readableCopy(value: object, unreadable: unknown): Record<string | symbol, unknown> {
  const copy: Record<string | symbol, unknown> = {};
  try {
    for (const key of Reflect.ownKeys(value)) {
      try {
        if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue;
        setOwn(copy, key, Reflect.get(value, key));
      } catch {
        setOwn(copy, key, unreadable);
      }
    }
  } catch {
    // A revoked Proxy: there is nothing to read.
  }
  return copy;
}

/** The message of a thrown value; undefined if it has none that is text. */
export function errorMessage(error: unknown): string | undefined {
  switch (typeof error) {
    case 'object': {
      const message = propertyOf(error, 'message');
      return error === null ? 'null' : typeof message === 'string' && message !== '' ? message : undefined;
    }
    case 'function':
      return undefined;
    default:
      return String(error);
  }
}

/** Any value as a short text for a message. */
export function shownValue(value: unknown): string {
  try {
    return String(value).slice(0, 64);
  } catch {
    return `a ${typeof value} that has no text`;
  }
}

/** A text for a thrown value: its message, or its class if it has no message. */
export function errorReason(error: unknown): string {
  return errorMessage(error) ?? errorType(error);
}

/** The thrown value if it is an Error, otherwise a new Error with its text. */
export function toError(error: unknown): Error {
  return isError(error) ? error : new Error(errorReason(error));
}

/** Records a thrown value of any kind as an exception event. The status of the span does not change. */
export function recordException(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const stack = propertyOf(error, 'stack');
  const code = errorCodeOf(error);
  const name = propertyOf(error, 'name');
  const message = errorMessage(error);
  // A copy of what could be read: the SDK reads it again.
  span.recordException({
    name: typeof name === 'string' && name !== '' ? name : errorType(error),
    ...(message === undefined ? {} : { message }),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(code === undefined ? {} : { code }),
  });
}

/** Sets the status ERROR, with the message if the thrown value is an Error. */
export function setErrorStatus(span: Span, error: unknown): void {
  const message = isError(error) ? errorMessage(error) : undefined;
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
}

/**
 * Records that a span failed: `error.type`, status and an exception event, for any thrown value.
 *
 * @param type if something is more specific than the class, for example a status code
 */
export function recordError(span: Span, error: unknown, type = errorType(error)): void {
  span.setAttribute('error.type', type);
  setErrorStatus(span, error);
  recordException(span, error);
}
