import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { Method } from '../patch-once.js';
import { redisFailure } from './status-code.js';

/**
 * Ends the operation when the promise settles. The service gets the promise that is returned: a handler on the
 * original alone would hide rejections that nobody handles.
 *
 * @param errorIn what in a result counts as an error, for replies of batches
 */
export function follow<T>(
  promise: Promise<T>,
  operation: StartedDatabaseOperation,
  errorIn?: (result: T) => unknown,
): Promise<T> {
  return promise.then(
    (result) => {
      const error = errorIn?.(result);
      operation.end(error === undefined ? undefined : redisFailure(error));
      return result;
    },
    (error: unknown) => {
      operation.end(redisFailure(error));
      throw error;
    },
  );
}

/** Calls the original; what it throws rather than reject with ends the operation as well. */
export function call(
  original: Method,
  client: unknown,
  operation: StartedDatabaseOperation,
  ...args: readonly unknown[]
): Promise<unknown> {
  try {
    return original.call(client, ...args);
  } catch (error) {
    operation.end(redisFailure(error));
    throw error;
  }
}

/** The replies of a pipeline or transaction have the errors among them. */
export function errorInReplies(replies: unknown): unknown {
  if (!Array.isArray(replies)) return undefined;
  for (const reply of replies) if (reply instanceof Error) return reply;
  // The replies of version 4: to MULTI, to the commands, and to EXEC.
  const last: unknown = replies.at(-1);
  return Array.isArray(last) ? last.find((reply) => reply instanceof Error) : undefined;
}
