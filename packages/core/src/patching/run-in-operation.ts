import type { MessagingOutcome, StartedMessagingOperation } from '../plugin/messaging.js';
import { isThenable } from './follow-promise.js';

/**
 * Starts observing a call of the service. If that fails, the call simply continues without being observed.
 *
 * @returns undefined if `start` throws
 *
 * @example
 * import { type MessagingOperations, runInOperation, tryStart } from '@throughline/core/plugin';
 *
 * function handle(messaging: MessagingOperations, queue: string, handler: () => unknown): unknown {
 *   const started = tryStart(() => messaging.startProcess({ system: 'acme', destination: queue }));
 *   return started ? runInOperation(started, handler) : handler();
 * }
 */
export function tryStart<T>(start: () => T): T | undefined {
  try {
    return start();
  } catch {
    return undefined;
  }
}

/**
 * Runs a function in an operation, and ends the operation when the function, or the promise it returns, has ended.
 *
 * @param outcomeOfError what an error of the function means. Default: the operation has failed with it
 * @returns the result of the function
 * @throws the error that the function throws
 *
 * @example
 * import { type MessagingOperations, runInOperation } from '@throughline/core/plugin';
 *
 * function handle(messaging: MessagingOperations, queue: string, handler: () => unknown): unknown {
 *   return runInOperation(messaging.startProcess({ system: 'acme', destination: queue }), handler);
 * }
 */
export function runInOperation<T>(
  operation: StartedMessagingOperation,
  fn: () => T,
  outcomeOfError?: (error: unknown) => MessagingOutcome,
): T {
  // Written out, without the functions that followCall takes: this runs once per message.
  let result: T;
  try {
    result = operation.run(fn);
  } catch (error) {
    fail(operation, error, outcomeOfError);
    throw error;
  }
  if (isThenable(result)) return settled(operation, result, outcomeOfError) as T;
  succeed(operation);
  return result;
}

/**
 * Ends an operation when a promise settles.
 *
 * @returns a promise that settles like the given one: see {@link followPromise}
 */
function settled<T>(
  operation: StartedMessagingOperation,
  promise: PromiseLike<T>,
  outcomeOfError?: (error: unknown) => MessagingOutcome,
): PromiseLike<T> {
  return promise.then(
    (value) => {
      succeed(operation);
      return value;
    },
    (error: unknown) => {
      fail(operation, error, outcomeOfError);
      throw error;
    },
  );
}

function succeed(operation: StartedMessagingOperation): void {
  try {
    operation.end();
  } catch {
    // The service gets the result all the same.
  }
}

function fail(
  operation: StartedMessagingOperation,
  error: unknown,
  outcomeOfError: ((error: unknown) => MessagingOutcome) | undefined,
): void {
  try {
    // Services throw what they like; to look at it may throw.
    operation.end((outcomeOfError && tryStart(() => outcomeOfError(error))) ?? { error });
  } catch {
    // The service gets its error all the same.
  }
}
