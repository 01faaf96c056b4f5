import { prototypeWith } from '@throughline/core/plugin';

/** What the patches rely on in mysql2 3; checked before anything is patched. */

export interface MySqlConfig {
  readonly host?: string | undefined;
  readonly port?: number | string | undefined;
  readonly socketPath?: string | undefined;
  readonly database?: string | undefined;
}

export interface MySqlConnection {
  readonly config: MySqlConfig;
  readonly stream: { once(event: 'close', listener: () => void): unknown };
  readonly _handshakePacket?: { readonly serverVersion?: string } | null;
  query(sql: unknown, values?: unknown, callback?: unknown): unknown;
  execute(sql: unknown, values?: unknown, callback?: unknown): unknown;
  prepare(sql: unknown, callback?: unknown): unknown;
  close(): unknown;
  _notifyError(error: unknown): unknown;
}

/** What `prepare` calls back with. */
export interface MySqlStatement {
  readonly query: unknown;
  readonly _connection: MySqlConnection;
  execute(values?: unknown, callback?: unknown): unknown;
}

export interface MySqlPool {
  readonly config: { readonly connectionConfig: MySqlConfig };
  readonly _allConnections: { readonly length: number };
  readonly _freeConnections: { readonly length: number };
  readonly _connectionQueue: { readonly length: number };
  getConnection(callback: unknown): unknown;
  query(sql: unknown, values?: unknown, callback?: unknown): unknown;
  execute(sql: unknown, values?: unknown, callback?: unknown): unknown;
  end(callback?: unknown): unknown;
}

/** A query or an execution, to which the connection hands what the server sends. */
export interface MySqlCommand {
  sql?: unknown;
  onResult?: unknown;
  emit(event: string, ...args: unknown[]): boolean;
}

interface MySqlExports {
  readonly Connection?: { readonly prototype: MySqlConnection };
  readonly Pool?: { readonly prototype: MySqlPool };
  readonly default?: MySqlExports;
}

/** The prototypes behind every connection and pool, those of `mysql2/promise` included, from mysql2's exports. */
export function findPrototypes(moduleExports: unknown): { connection: MySqlConnection; pool: MySqlPool } {
  const given = moduleExports as MySqlExports;
  const { Connection, Pool } = given.Pool ? given : (given.default ?? given);
  return { connection: findConnectionPrototype(Connection), pool: findPoolPrototype(Pool) };
}

export function findConnectionPrototype(Connection: unknown): MySqlConnection {
  const { prototype } = (Connection ?? {}) as { prototype?: MySqlConnection };
  const owner = prototypeWith(prototype, ['query', 'execute', 'prepare', 'close', '_notifyError']);
  if (!owner) throw new Error("its connections are not as mysql2 3's are");
  return owner;
}

export function findPoolPrototype(Pool: unknown): MySqlPool {
  const { prototype } = (Pool ?? {}) as { prototype?: MySqlPool };
  const owner = prototypeWith(prototype, ['getConnection', 'query', 'execute', 'end']);
  if (!owner) throw new Error("its pools are not as mysql2 3's are");
  return owner;
}
