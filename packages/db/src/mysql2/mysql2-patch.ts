import type { DatabaseOutcome, StartedDatabaseOperation } from '@throughline/core/plugin';
import type { ClientContext } from '../db-plugin.js';
import { ObservedPools } from '../observed-pools.js';
import { createSqlStatements, type SqlStatement } from '../sql/statements.js';
import { startedSafely } from '../started-safely.js';
import type { MySqlConfig, MySqlConnection, MySqlPool } from './mysql2-internals.js';

export type MySqlSystem = 'mysql' | 'mariadb';

/** What the patched methods share. */
export interface MySqlPatch {
  readonly context: ClientContext;
  readonly startOptions: { readonly rootSpan: boolean };
  readonly pools: ObservedPools<MySqlPool>;
  readonly statementOf: (sql: string) => SqlStatement;
  /** By address: what its connections told when they were made. */
  readonly systems: Map<string, MySqlSystem>;
  /** The text that `pool.query` is about to get a connection for, while it calls `getConnection`. */
  fromPool: { readonly text: string } | undefined;
  /** The operation of a `pool.query`, while it calls the query of the connection that it got. */
  handed: { readonly text: string; readonly operation: StartedDatabaseOperation } | undefined;
  /** False once the patches are taken back, for a method that somebody else has wrapped and still calls. */
  active: boolean;
}

export function createMySqlPatch(context: ClientContext): MySqlPatch {
  return {
    context,
    startOptions: { rootSpan: context.rootSpans },
    pools: new ObservedPools(context.databases, (pool) => ({
      used: pool._allConnections.length - pool._freeConnections.length,
      idle: pool._freeConnections.length,
      pending: pool._connectionQueue.length,
    })),
    statementOf: createSqlStatements('mysql', context),
    systems: new Map(),
    fromPool: undefined,
    handed: undefined,
    active: true,
  };
}

/** @param system undefined where no connection has told yet: then it is `mysql` */
export function startQuery(
  { context, startOptions, statementOf }: MySqlPatch,
  text: string,
  config: MySqlConfig,
  system: () => MySqlSystem | undefined,
): StartedDatabaseOperation {
  return startedSafely(context, () => {
    const { operation, collection, summary, queryText } = statementOf(text);
    const { host, port, socketPath, database } = config;
    return context.databases.start(
      {
        system: system() ?? 'mysql',
        name: operation,
        collection,
        summary,
        queryText,
        namespace: database || undefined,
        serverAddress: socketPath || host || 'localhost',
        serverPort: socketPath ? undefined : Number(port ?? 3306),
      },
      startOptions,
    );
  });
}

const maxSystems = 100;

/** What the server said that it is; before its handshake, what another connection to the address found. */
export function systemOf(
  { systems }: MySqlPatch,
  { config, _handshakePacket: handshake }: MySqlConnection,
): MySqlSystem | undefined {
  const address = addressOf(config);
  const known = systems.get(address);
  if (known !== undefined || !handshake) return known;
  const system = /mariadb/i.test(handshake.serverVersion ?? '') ? 'mariadb' : 'mysql';
  if (systems.size < maxSystems) systems.set(address, system);
  return system;
}

/** `localhost:3306` */
export const addressOf = ({ host, port, socketPath }: MySqlConfig) =>
  socketPath || `${host || 'localhost'}:${port ?? 3306}`;

/** The server's errors have a number and a state beside their code, `ER_…`; Node's own have none. */
export function outcomeOf(error: unknown): DatabaseOutcome {
  const { code, errno, sqlState } = (error ?? {}) as { code?: unknown; errno?: unknown; sqlState?: unknown };
  if (typeof code !== 'string' || typeof errno !== 'number' || sqlState === undefined) return { error };
  return { error, statusCode: code, attributes: { 'db.mysql.errno': errno } };
}

export function textOf(sql: unknown): string | undefined {
  if (typeof sql === 'string') return sql;
  const text = (sql as { sql?: unknown } | null | undefined)?.sql;
  return typeof text === 'string' ? text : undefined;
}
