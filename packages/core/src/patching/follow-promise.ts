/**
 * Whether a value has a method `then`. It never throws, not even if `then` is a getter that throws.
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
 * Calls back when a promise settles.
 *
 * Return the new promise to the service instead of the original. A handler on the original alone would make an
 * unhandled rejection look handled. A thenable that starts its work when `then` is called starts it only once.
 *
 * @param onFulfilled gets the value; an error that it throws is ignored
 * @param onRejected gets the error; an error that it throws is ignored
 * @returns a promise that settles like the original, with the same value or error
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
 * Calls a function, and calls back when it is done: when it returns or throws, or when its promise settles.
 *
 * @returns the result of the function; for a promise, see {@link followPromise}
 * @throws the error that the function throws
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

/** Observing must not change the behaviour of the service. */
function tell<V>(listener: (value: V) => void, value: V): void {
  try {
    listener(value);
  } catch {
    // The service gets the value unchanged.
  }
}
