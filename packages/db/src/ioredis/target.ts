import { type RedisTarget, targetFor } from '../redis/target.js';
import type { IoredisClient, IoredisCluster } from './internals.js';

/** The database has to be a text; nearly all services use the first few. */
const databases = Array.from({ length: 16 }, (_, index) => String(index));

export function targetOf(client: IoredisClient): RedisTarget {
  const { options, condition } = client;
  const database = condition?.select ?? options.db ?? 0;
  const { path, host, port } = options;
  return targetFor(
    client,
    databases[database] ?? String(database),
    path ?? host,
    path === undefined || path === null ? port : undefined,
  );
}

/** A cluster goes by its first startup node; it has no database but 0. */
export function targetOfCluster(cluster: IoredisCluster): RedisTarget {
  const node = cluster.startupNodes?.[0];
  if (typeof node === 'object' && node !== null) {
    const { host = '127.0.0.1', port = 6379 } = node as { host?: string; port?: number };
    return targetFor(cluster, '0', host, Number(port));
  }
  if (typeof node === 'string') {
    const text = node.includes('://') ? node : `redis://${node}`;
    if (URL.canParse(text)) {
      const { hostname, port } = new URL(text);
      return targetFor(cluster, '0', hostname, Number(port || 6379));
    }
  }
  return targetFor(cluster, '0', undefined, typeof node === 'number' ? node : undefined);
}
