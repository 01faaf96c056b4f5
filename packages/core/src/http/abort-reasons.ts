import { replaceMethod } from '../patching/replace-method.js';

/** What the service has passed to `AbortController.abort()`. */
const reasons = new WeakSet<object>();

/** Whether the service gave this value as the reason for which it aborts something. */
export function isAbortReason(value: unknown): boolean {
  return typeof value === 'object' && value !== null && reasons.has(value);
}

/**
 * Remembers the reasons of aborted calls. A client hands the reason on as the error of the call, and nothing on it tells
 * that the service itself has ended the call.
 *
 * @returns stops it
 */
export function rememberAbortReasons(): () => void {
  try {
    return replaceMethod(AbortController.prototype, 'abort', (original) => {
      const abort: AbortController['abort'] = function abort(this: AbortController, ...given) {
        const reason: unknown = given[0];
        if (typeof reason === 'object' && reason !== null) reasons.add(reason);
        return Reflect.apply(original, this, given);
      };
      return abort;
    });
  } catch {
    // Frozen intrinsics: such a call then counts as failed.
    return () => {};
  }
}
