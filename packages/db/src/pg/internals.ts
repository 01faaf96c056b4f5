import { prototypeWith } from '@throughline/core/plugin';

/** What the patches rely on in pg 8 and pg-pool 3; checked before anything is patched. */

export interface PgClient {
  readonly host?: string | null;
  readonly port?: number | null;
  readonly database?: string | null;
  query(config: unknown, values?: unknown, callback?: unknown): unknown;
}

export interface PgPool {
  readonly Client: { readonly prototype: PgClient };
  /** All clients, also those that are still connecting: the first is in this list as soon as `connect` has returned. */
  readonly _clients: readonly PgClient[];
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options?: { readonly log?: unknown };
  listenerCount?(event: string): number;
  connect(callback?: unknown): unknown;
  query(text: unknown, values?: unknown, callback?: unknown): unknown;
  end(callback?: unknown): unknown;
}

/** A query that the client drives through these: a Query, a Cursor, a QueryStream, a copy stream. */
export interface Submittable {
  submit(connection: unknown): unknown;
  readonly text?: unknown;
  /** A QueryStream's. */
  readonly cursor?: { readonly text?: unknown };
  /** Why a stream was destroyed. */
  readonly errored?: Error | null;
  /** An error that a row of a Query led to, which comes out at the end. */
  readonly _canceledDueToError?: unknown;
  handleReadyForQuery?(...args: unknown[]): unknown;
  handleError?(...args: unknown[]): unknown;
  handlePortalSuspended?(...args: unknown[]): unknown;
  /** A query of the native client says its end by an event. */
  once?(event: string, listener: () => void): unknown;
}

interface PgExports {
  readonly Client?: { readonly prototype: PgClient };
  readonly Pool?: { readonly prototype: PgPool };
  readonly default?: PgExports;
}

/** The prototypes behind every client and pool, from pg's exports or a namespace of them. */
export function findPrototypes(moduleExports: unknown): { client: PgClient; pool: PgPool } {
  const given = moduleExports as PgExports;
  const { Client, Pool } = given.Client ? given : (given.default ?? given);
  const client = prototypeWith(Client?.prototype, ['query']);
  const pool = prototypeWith(Pool?.prototype, ['connect', 'query', 'end']);
  if (!client || !pool) throw new Error("it does not export 'Client' and 'Pool' as pg 8 does");
  return { client, pool };
}

export function findPoolPrototype(moduleExports: unknown): PgPool {
  const given = moduleExports as { prototype?: PgPool; default?: { prototype?: PgPool } };
  const pool = prototypeWith(given.prototype ?? given.default?.prototype, ['connect', 'query', 'end']);
  if (!pool) throw new Error('it does not export a class as pg-pool 3 does');
  return pool;
}

/** The file of pg whose class is the client on libpq, which `pg.native` has and TypeORM takes where it is installed. */
export const nativeClientFile = 'lib/native/client.js';

export function findNativePrototype(moduleExports: unknown): PgClient {
  const given = moduleExports as { prototype?: PgClient; default?: { prototype?: PgClient } };
  const client = prototypeWith(given.prototype ?? given.default?.prototype, ['query']);
  if (!client) throw new Error('it does not export a class as the native client of pg 8 does');
  return client;
}

/** The client in JavaScript, not the one on libpq. */
export const isJavaScriptClient = (client: PgClient) => 'getStartupConf' in client;
