/**
 * Whether a value has a `then`; looking at it never throws.
 *
 * @example
 * import { isThenable } from '@throughline/core/plugin';
 *
 * isThenable(Promise.resolve()); // true
 * isThenable(null); // false
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/**
 * Tells how a promise settles.
 *
 * Hand on the promise that this returns in place of the original: a handler on the original alone would make a
 * rejection that nobody handles look handled. A thenable that starts its work when `then` is called starts it once.
 *
 * @param onFulfilled gets the value; what it throws is ignored
 * @param onRejected gets the error; what it throws is ignored
 * @returns settles like the original, with the same value or error
 *
 * @example
 * import { followPromise, type PluginContext } from '@throughline/core/plugin';
 *
 * function observed(databases: PluginContext['databases'], get: () => Promise<string>): Promise<string> {
 *   const operation = databases.start({ system: 'acme', name: 'GET' });
 *   return followPromise(
 *     operation.run(get),
 *     () => operation.end(),
 *     (error) => operation.end({ error }),
 *   );
 * }
 */
export function followPromise<T>(
  promise: PromiseLike<T>,
  onFulfilled: (value: T) => void,
  onRejected: (error: unknown) => void,
): Promise<T> {
  return promise.then(
    (value) => {
      tell(onFulfilled, value);
      return value;
    },
    (error: unknown) => {
      tell(onRejected, error);
      throw error;
    },
  ) as Promise<T>;
}

/**
 * Calls a function and tells when it is done: when it returns or throws, or when the promise that it returns settles.
 *
 * @returns what the function returns; for a promise see {@link followPromise}
 * @throws what the function throws
 *
 * @example
 * import { followCall, type StartedMessagingOperation } from '@throughline/core/plugin';
 *
 * function handled(operation: StartedMessagingOperation, handler: () => unknown): unknown {
 *   return followCall(
 *     () => operation.run(handler),
 *     () => operation.end(),
 *     (error) => operation.end({ error }),
 *   );
 * }
 */
export function followCall<T>(
  call: () => T,
  onReturned: (value: Awaited<T>) => void,
  onThrown: (error: unknown) => void,
): T {
  let result: T;
  try {
    result = call();
  } catch (error) {
    tell(onThrown, error);
    throw error;
  }
  if (isThenable(result)) {
    return followPromise(result, onReturned as (value: unknown) => void, onThrown) as T;
  }
  tell(onReturned, result as Awaited<T>);
  return result;
}

/** Observing must not change what the service does. */
function tell<V>(listener: (value: V) => void, value: V): void {
  try {
    listener(value);
  } catch {
    // The value goes on to the service as it is.
  }
}
