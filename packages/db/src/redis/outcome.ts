import { type DatabaseOutcome, followCall, type StartedDatabaseOperation } from '@throughline/core/plugin';

/** Redis starts its errors with a code: `WRONGTYPE Operation against a key…`. Clients' own errors read otherwise. */
const errorPrefix = /^-?([A-Z][A-Z0-9_]{1,31})(?: |$)/;

/** The outcome of a command or batch that failed. */
export function redisFailure(error: unknown): DatabaseOutcome {
  // Errors of sockets and clients have their own code.
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  const statusCode =
    typeof message === 'string' && code === undefined ? errorPrefix.exec(message)?.[1] : undefined;
  return { error: error ?? new Error('unknown error'), statusCode };
}

/** The replies of a pipeline or transaction have the errors among them. */
export function errorInReplies(replies: unknown): unknown {
  if (!Array.isArray(replies)) return undefined;
  for (const reply of replies) if (reply instanceof Error) return reply;
  // The replies of version 4: to MULTI, to the commands, and to EXEC.
  const last: unknown = replies.at(-1);
  return Array.isArray(last) ? last.find((reply) => reply instanceof Error) : undefined;
}

/** Ends the operation with the reply that a call of the client's leads to. The service gets what this returns. */
export function endWithReply(
  operation: StartedDatabaseOperation,
  call: () => unknown,
  errorIn?: (reply: unknown) => unknown,
): unknown {
  return followCall(
    call,
    (reply) => {
      const error = errorIn?.(reply);
      operation.end(error === undefined ? undefined : redisFailure(error));
    },
    (error) => operation.end(redisFailure(error)),
  );
}
