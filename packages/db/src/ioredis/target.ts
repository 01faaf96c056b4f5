import type { RedisTarget } from '../redis/redis-operations.js';
import type { IoredisClient, IoredisCluster } from './ioredis-internals.js';

/** The database has to be a text; nearly all services use the first few. */
const databases = Array.from({ length: 16 }, (_, index) => String(index));

export function targetOf({ options, condition }: IoredisClient): RedisTarget {
  const database = condition?.select ?? options.db ?? 0;
  return {
    namespace: databases[database] ?? String(database),
    serverAddress: options.path ?? options.host,
    serverPort: options.path === undefined || options.path === null ? options.port : undefined,
  };
}

/** A cluster goes by its first startup node; it has no database but 0. */
export function targetOfCluster({ startupNodes }: IoredisCluster): RedisTarget {
  const node = startupNodes?.[0];
  if (typeof node === 'object' && node !== null) {
    const { host = '127.0.0.1', port = 6379 } = node as { host?: string; port?: number };
    return { namespace: '0', serverAddress: host, serverPort: Number(port) };
  }
  if (typeof node === 'string') {
    const url = URL.parse?.(node.includes('://') ? node : `redis://${node}`);
    if (url) return { namespace: '0', serverAddress: url.hostname, serverPort: Number(url.port || 6379) };
  }
  return {
    namespace: '0',
    serverAddress: undefined,
    serverPort: typeof node === 'number' ? node : undefined,
  };
}
