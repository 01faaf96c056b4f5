import type { DatabaseOutcome } from '@throughline/core/plugin';

/** The server's errors have a number and a state beside their code, `ER_…`; Node's own have none. */
export function outcomeOf(error: unknown): DatabaseOutcome {
  const { code, errno, sqlState } = (error ?? {}) as { code?: unknown; errno?: unknown; sqlState?: unknown };
  if (typeof code !== 'string' || typeof errno !== 'number' || sqlState === undefined) return { error };
  return { error, statusCode: code, attributes: { 'db.mysql.errno': errno } };
}
