import { AsyncResource } from 'node:async_hooks';
import type { ClientContext } from '../db-plugin.js';
import { type Method, type PatchState, patchOnce, replaceMethod } from '../patch-once.js';
import type { MongodbConnection, MongodbPool } from './mongodb-internals.js';

type PoolObservation = ReturnType<ClientContext['databases']['observePool']>;

/**
 * Patches the class behind every connection pool of the driver, of clients existing or not yet made: the pool shows
 * in the metrics from its first use on.
 *
 * @param onConnection is given every connection before a command goes through it
 * @returns takes the patch back
 */
export function patchPool(
  prototype: object,
  { databases }: ClientContext,
  onConnection?: (connection: MongodbConnection) => void,
): () => void {
  const observations = new WeakMap<MongodbPool, PoolObservation>();
  const observed = (pool: MongodbPool) => {
    const known = observations.get(pool);
    if (known) return known;
    const observation = databases.observePool({
      system: 'mongodb',
      name: pool.address,
      read: () => ({
        used: pool.currentCheckedOutCount,
        idle: pool.availableConnectionCount,
        pending: pool.waitQueueSize,
      }),
    });
    observations.set(pool, observation);
    return observation;
  };
  return patchOnce(prototype, (state, restores) => {
    restores.push(
      replaceMethod(prototype, 'checkOut', (original) =>
        checkOutObserved(original, state, observed, onConnection),
      ),
      replaceMethod(
        prototype,
        'close',
        (original) =>
          function close(this: MongodbPool, ...args: unknown[]) {
            observations.get(this)?.stop();
            observations.delete(this);
            return original.apply(this, args);
          },
      ),
    );
  });
}

/** With a callback in version 5: it goes on in the caller's context, whoever gave the connection back. */
function checkOutObserved(
  original: Method,
  state: PatchState,
  observed: (pool: MongodbPool) => PoolObservation,
  onConnection: ((connection: MongodbConnection) => void) | undefined,
): Method {
  return function checkOut(this: MongodbPool, optionsOrCallback: unknown) {
    if (!state.active) return original.call(this, optionsOrCallback);
    const observation = observed(this);
    const startMillis = performance.now();
    const onCheckedOut = (connection: MongodbConnection) => {
      observation.waited((performance.now() - startMillis) / 1_000);
      onConnection?.(connection);
    };
    if (typeof optionsOrCallback !== 'function') {
      return (original.call(this, optionsOrCallback) as Promise<MongodbConnection>).then((connection) => {
        onCheckedOut(connection);
        return connection;
      });
    }
    const callback = AsyncResource.bind((error: unknown, connection?: MongodbConnection) => {
      if (!error && connection) onCheckedOut(connection);
      return optionsOrCallback(error, connection);
    });
    return original.call(this, callback);
  };
}
