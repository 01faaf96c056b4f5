import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import { PoolMetrics } from '../client/pool-metrics.js';
import { startSafely } from '../client/start-safely.js';
import { createSqlStatements, type SqlStatement } from '../sql/statements.js';
import type { MySqlConfig, MySqlConnection, MySqlPool } from './internals.js';

export type MySqlSystem = 'mysql' | 'mariadb';

/** What the patched methods of connections and pools share. */
export interface MySqlOperations {
  readonly context: DatabaseClientContext;
  readonly startOptions: { readonly rootSpan: boolean };
  readonly pools: PoolMetrics<MySqlPool>;
  readonly statementOf: (sql: string) => SqlStatement;
  /** By address: what its connections told when they were made. */
  readonly systems: Map<string, MySqlSystem>;
  /** The text that `pool.query` is about to get a connection for, while it calls `getConnection`. */
  fromPool: { readonly text: string } | undefined;
  /** The operation of a `pool.query`, while it calls the query of the connection that it got. */
  handed: { readonly text: string; readonly operation: StartedDatabaseOperation } | undefined;
}

export function createMySqlOperations(context: DatabaseClientContext): MySqlOperations {
  return {
    context,
    startOptions: { rootSpan: context.rootSpans },
    pools: new PoolMetrics(context.databases, (pool) => ({
      used: pool._allConnections.length - pool._freeConnections.length,
      idle: pool._freeConnections.length,
      pending: pool._connectionQueue.length,
    })),
    statementOf: createSqlStatements('mysql', context),
    systems: new Map(),
    fromPool: undefined,
    handed: undefined,
  };
}

/** @param system undefined if no connection has reported it yet: then it is `mysql` */
export function startQuery(
  { context, startOptions, statementOf }: MySqlOperations,
  text: string,
  config: MySqlConfig,
  system: () => MySqlSystem | undefined,
): StartedDatabaseOperation {
  return startSafely(context, () => {
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

/** The system that the server reported; before its handshake, the system that another connection to the address found. */
export function systemOf(
  { systems }: MySqlOperations,
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

export function textOf(sql: unknown): string | undefined {
  if (typeof sql === 'string') return sql;
  const text = (sql as { sql?: unknown } | null | undefined)?.sql;
  return typeof text === 'string' ? text : undefined;
}
