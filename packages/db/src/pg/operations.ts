import type { PreparedDatabaseOperation, StartedDatabaseOperation } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import { PoolMetrics } from '../client/pool-metrics.js';
import { unobserved } from '../client/start-safely.js';
import { createSqlStatements, type SqlStatement } from '../sql/statements.js';
import type { PgClient, PgPool, Submittable } from './internals.js';

/** What the patched methods of clients and pools share. */
export interface PgOperations {
  readonly context: DatabaseClientContext;
  readonly startOptions: { readonly rootSpan: boolean };
  readonly pools: PoolMetrics<PgPool>;
  readonly statementOf: (sql: string) => SqlStatement;
  /** The database of the last query of each client. */
  readonly targets: WeakMap<object, PgTarget>;
  /** Clients of one database share their target. */
  readonly sharedTargets: PgTarget[];
  /** The query that `pool.query` is about to get a client for, while it calls `connect`. */
  fromPool: FromPool | undefined;
  /** The operation of a `pool.query`, while it calls the query of the client that it got. */
  handed: (FromPool & { readonly operation: StartedDatabaseOperation }) | undefined;
}

export interface FromPool {
  readonly config: unknown;
  /**
   * Whether code of the service runs on the way to the result: a callback, a listener of the pool. Otherwise a promise gets
   * it, nothing but pg's own code is called, and no context has to be entered for it.
   */
  readonly needsContext: boolean;
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
    targets: new WeakMap(),
    sharedTargets: [],
    fromPool: undefined,
    handed: undefined,
  };
}

/** @param client undefined for a query of a pool that has no client yet and gets none */
export function startQuery(
  operations: PgOperations,
  client: PgClient | undefined,
  config: unknown,
): StartedDatabaseOperation {
  try {
    const text = textOf(config);
    const statement = text === undefined ? noStatement : operations.statementOf(text);
    return targetOf(operations, client).prepared(statement).start(operations.startOptions);
  } catch (error) {
    operations.context.logger.debug('A query could not be observed.', { error });
    return unobserved;
  }
}

const noStatement: Partial<SqlStatement> = {};
const noClient: Partial<PgClient> = {};

/** One database at a server, and what is ready for its statements. */
class PgTarget {
  /** A statement goes when it is no longer remembered. */
  private readonly statements = new WeakMap<Partial<SqlStatement>, PreparedDatabaseOperation>();

  constructor(
    private readonly databases: DatabaseClientContext['databases'],
    readonly host: string | null | undefined,
    readonly port: number | null | undefined,
    readonly database: string | null | undefined,
  ) {}

  is({ host, port, database }: Partial<PgClient>): boolean {
    return this.host === host && this.port === port && this.database === database;
  }

  prepared(statement: Partial<SqlStatement>): PreparedDatabaseOperation {
    const known = this.statements.get(statement);
    if (known !== undefined) return known;
    const { operation, collection, summary, queryText } = statement;
    const prepared = this.databases.prepare({
      system: 'postgresql',
      name: operation,
      collection,
      summary,
      queryText,
      namespace: this.database ?? undefined,
      ...addressOf(this.host, this.port),
    });
    this.statements.set(statement, prepared);
    return prepared;
  }
}

const maxSharedTargets = 100;

function targetOf({ context, targets, sharedTargets }: PgOperations, given: PgClient | undefined): PgTarget {
  const client = given ?? noClient;
  const last = targets.get(client);
  if (last?.is(client)) return last;
  let target = sharedTargets.find((each) => each.is(client));
  if (target === undefined) {
    target = new PgTarget(context.databases, client.host, client.port, client.database);
    if (sharedTargets.length < maxSharedTargets) sharedTargets.push(target);
  }
  targets.set(client, target);
  return target;
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

function addressOf(host: string | null | undefined, port: number | null | undefined) {
  if (!host) return undefined;
  return { serverAddress: host, serverPort: isSocket(host) ? undefined : (port ?? undefined) };
}

const isSocket = (host: string | null | undefined) => host?.startsWith('/') ?? false;
