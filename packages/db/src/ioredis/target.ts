import type { RedisTarget } from '../redis/operations.js';
import type { IoredisClient, IoredisCluster } from './internals.js';

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
    const text = node.includes('://') ? node : `redis://${node}`;
    if (URL.canParse(text)) {
      const { hostname, port } = new URL(text);
      return { namespace: '0', serverAddress: hostname, serverPort: Number(port || 6379) };
    }
  }
  return {
    namespace: '0',
    serverAddress: undefined,
    serverPort: typeof node === 'number' ? node : undefined,
  };
}
