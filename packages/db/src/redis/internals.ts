import { type RedisTarget, targetFor } from './target.js';

/** The database that a client selected since it was made. */
const selected = Symbol('throughline.redis.selected');

/** What is read of a client of node-redis 4 to 6. */
export interface RedisClient {
  /** The client itself, for views of it with other command options. */
  readonly _self?: RedisClient;
  readonly options?: {
    readonly database?: number;
    readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string };
  };
  [selected]?: string;
}

/** A command as `sendCommand` takes it: its name first. */
export type RedisArguments = readonly unknown[];

export function targetOf(client: RedisClient): RedisTarget {
  const { options } = client;
  const socket = options?.socket;
  const path = socket?.path;
  return targetFor(
    client._self ?? client,
    client[selected] ?? String(options?.database ?? 0),
    path ?? socket?.host ?? 'localhost',
    path === undefined ? Number(socket?.port ?? 6379) : undefined,
  );
}

export function rememberDatabase(client: RedisClient, database: unknown): void {
  (client._self ?? client)[selected] = String(database);
}

export function nameOf(args: unknown): string | undefined {
  const name: unknown = Array.isArray(args) ? args[0] : undefined;
  if (typeof name === 'string') return name;
  return Buffer.isBuffer(name) ? name.toString('latin1', 0, 64) : undefined;
}
