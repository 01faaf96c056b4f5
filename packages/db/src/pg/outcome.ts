import type { DatabaseOutcome } from '@throughline/core/plugin';

/** The error as `error.type`, and SQLSTATE if the server sent the error. Errors of Node have codes, but no severity. */
export function outcomeOf(error: unknown): DatabaseOutcome {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return severity !== undefined && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
    ? { error, statusCode: code }
    : { error };
}
