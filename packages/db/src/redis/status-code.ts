import type { DatabaseOutcome } from '@throughline/core/plugin';

/** Redis starts its errors with a code: `WRONGTYPE Operation against a key…`. Clients' own errors read otherwise. */
const errorPrefix = /^-?([A-Z][A-Z0-9_]{1,31})(?: |$)/;

/** The outcome of a command or batch that failed. */
export function redisFailure(error: unknown): DatabaseOutcome {
  // Errors of sockets and clients have a code of their own.
  const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
  const statusCode =
    typeof message === 'string' && code === undefined ? errorPrefix.exec(message)?.[1] : undefined;
  return { error: error ?? new Error('unknown error'), statusCode };
}
