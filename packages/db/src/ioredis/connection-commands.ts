import type { IoredisClient, IoredisCommand } from './internals.js';

/**
 * Commands that ioredis sends by itself while it connects. A service that sends one of them in that moment, before
 * the connection is ready, goes unobserved.
 */
const handshake = new Set(['auth', 'hello', 'info', 'select', 'client', 'readonly', 'himport']);

/** And those by which it brings a new connection to the state of the old one. */
const restoring = new Set([...handshake, 'subscribe', 'psubscribe', 'ssubscribe', 'monitor']);

/** Set while a connection turns ready, until the service hears of it. */
export const turningReady = Symbol('throughline.ioredis.turningReady');

/** Whether ioredis, not the service, sends this command. */
export function isConnectionCommand(
  client: IoredisClient & { [turningReady]?: boolean },
  { name }: IoredisCommand,
): boolean {
  if (client.status === 'connect' && handshake.has(name)) return true;
  if (client[turningReady] === true && restoring.has(name)) return true;
  // A cluster's connections for discovery and subscriptions; what the service sends comes through the cluster.
  return client.options.connectionName?.startsWith('ioredis-cluster(') === true;
}

/** A cluster asks for CLUSTER INFO until it is ready. */
export function isClusterCommand({ status }: IoredisClient, { name }: IoredisCommand): boolean {
  return name === 'cluster' && status === 'connect';
}
