import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import { PoolMetrics } from '../client/pool-metrics.js';
import { startSafely } from '../client/start-safely.js';
import { createSqlStatements, type SqlStatement } from '../sql/statements.js';
import type { PgClient, PgPool, Submittable } from './internals.js';

/** What the patched methods of clients and pools share. */
export interface PgOperations {
  readonly context: DatabaseClientContext;
  readonly startOptions: { readonly rootSpan: boolean };
  readonly pools: PoolMetrics<PgPool>;
  readonly statementOf: (sql: string) => SqlStatement;
  /** The query that `pool.query` is about to get a client for, while it calls `connect`. */
  fromPool: { readonly config: unknown } | undefined;
  /** The operation of a `pool.query`, while it calls the query of the client that it got. */
  handed: { readonly config: unknown; readonly operation: StartedDatabaseOperation } | undefined;
}

export function createPgOperations(context: DatabaseClientContext): PgOperations {
  return {
    context,
    startOptions: { rootSpan: context.rootSpans },
    pools: new PoolMetrics(context.databases, (pool) => ({
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      pending: pool.waitingCount,
    })),
    statementOf: createSqlStatements('postgresql', context),
    fromPool: undefined,
    handed: undefined,
  };
}

const noStatement: Partial<SqlStatement> = {};

/** @param client undefined for a query of a pool that has no client yet and gets none */
export function startQuery(
  { context, startOptions, statementOf }: PgOperations,
  client: PgClient | undefined,
  config: unknown,
): StartedDatabaseOperation {
  return startSafely(context, () => {
    const text = textOf(config);
    const { operation, collection, summary, queryText } =
      text === undefined ? noStatement : statementOf(text);
    return context.databases.start(
      {
        system: 'postgresql',
        name: operation,
        collection,
        summary,
        queryText,
        namespace: client?.database ?? undefined,
        ...addressOf(client),
      },
      startOptions,
    );
  });
}

export const isSubmittable = (config: unknown): config is Submittable =>
  typeof (config as Submittable | null)?.submit === 'function';

/** `localhost:5432/shop`. */
export function poolName({ host, port, database }: PgClient): string {
  const address = isSocket(host) ? host : `${host}:${port}`;
  return database ? `${address}/${database}` : String(address);
}

function textOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  const { text, cursor } = config as Submittable;
  const statement = text ?? cursor?.text;
  return typeof statement === 'string' ? statement : undefined;
}

function addressOf(client: PgClient | undefined) {
  if (!client?.host) return undefined;
  const { host, port } = client;
  return { serverAddress: host, serverPort: isSocket(host) ? undefined : (port ?? undefined) };
}

const isSocket = (host: string | null | undefined) => host?.startsWith('/') ?? false;
