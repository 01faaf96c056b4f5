import type { MessagingOutcome, StartedMessagingOperation } from '../plugin/messaging.js';
import { followCall } from './follow-promise.js';

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
  outcomeOfError: (error: unknown) => MessagingOutcome = (error) => ({ error }),
): T {
  return followCall(
    () => operation.run(fn),
    () => operation.end(),
    // Services throw what they like; to look at it may throw.
    (error) => operation.end(tryStart(() => outcomeOfError(error)) ?? { error }),
  );
}
