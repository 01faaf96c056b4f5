import { rememberAbortReason } from '../model/abort-reasons.js';
import { replaceMethod } from '../patching/replace-method.js';

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
        rememberAbortReason(given[0]);
        return Reflect.apply(original, this, given);
      };
      return abort;
    });
  } catch {
    // Frozen intrinsics: such a call then counts as failed.
    return () => {};
  }
}
