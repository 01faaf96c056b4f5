import type { DatabaseOutcome } from '@throughline/core/plugin';

/** Errors of the server have a number and a state in addition to their code, `ER_…`. Errors of Node have neither. */
export function outcomeOf(error: unknown): DatabaseOutcome {
  const { code, errno, sqlState } = (error ?? {}) as { code?: unknown; errno?: unknown; sqlState?: unknown };
  if (typeof code !== 'string' || typeof errno !== 'number' || sqlState === undefined) return { error };
  return { error, statusCode: code, attributes: { 'db.mysql.errno': errno } };
}
