import { AsyncResource } from 'node:async_hooks';
import type { DatabasePoolObservation } from '@throughline/core/plugin';
import { followPromise, type Method, type Patch, patchOnce } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import { addressOf } from './address.js';
import type { MongodbConnection, MongodbPool } from './internals.js';
import { mongodbFailure } from './outcome.js';

/**
 * Patches the class behind every connection pool of the driver, of clients existing or not yet made: the pool shows
 * in the metrics from its first use on.
 *
 * @param onConnection is given every connection before a command goes through it
 * @returns removes the patch
 */
export function patchPool(
  prototype: object,
  context: DatabaseClientContext,
  onConnection?: (connection: MongodbConnection) => void,
): () => void {
  const observations = new WeakMap<MongodbPool, DatabasePoolObservation>();
  const observed = (pool: MongodbPool) => {
    const known = observations.get(pool);
    if (known) return known;
    const observation = context.databases.observePool({
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
  return patchOnce(prototype, 'db', (patch) => {
    patch.replace(prototype, 'checkOut', (original) =>
      checkOutObserved(original, patch, context, observed, onConnection),
    );
    patch.replace(
      prototype,
      'close',
      (original) =>
        function close(this: MongodbPool, ...args: unknown[]) {
          observations.get(this)?.stop();
          observations.delete(this);
          return original.apply(this, args);
        },
    );
  });
}

/**
 * A pool that gives no connection, because there is no server, or it refuses the user, or all are in use, is an operation
 * that fails: its command is never sent. Version 5 uses a callback. It runs in the caller's context, no matter which operation
 * returned the connection.
 */
function checkOutObserved(
  original: Method,
  patch: Patch,
  context: DatabaseClientContext,
  observed: (pool: MongodbPool) => DatabasePoolObservation,
  onConnection: ((connection: MongodbConnection) => void) | undefined,
): Method {
  return function checkOut(this: MongodbPool, optionsOrCallback: unknown) {
    if (!patch.active) return original.call(this, optionsOrCallback);
    const observation = observed(this);
    const startMillis = performance.now();
    const onCheckedOut = (connection: MongodbConnection) => {
      observation.waited((performance.now() - startMillis) / 1_000);
      onConnection?.(connection);
    };
    const onFailed = (error: unknown) => {
      const { host, port } = addressOf(this);
      const { databases, rootSpans } = context;
      databases
        .start(
          { system: 'mongodb', serverAddress: host, serverPort: port },
          { rootSpan: rootSpans, startMillis },
        )
        .end(mongodbFailure(error));
    };
    if (typeof optionsOrCallback !== 'function') {
      const connecting = original.call(this, optionsOrCallback) as Promise<MongodbConnection>;
      return followPromise(connecting, onCheckedOut, onFailed);
    }
    const callback = AsyncResource.bind((error: unknown, connection?: MongodbConnection) => {
      if (error) onFailed(error);
      else if (connection) onCheckedOut(connection);
      return optionsOrCallback(error, connection);
    });
    return original.call(this, callback);
  };
}
