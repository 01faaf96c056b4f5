import { context } from '@opentelemetry/api';
import { followPromise, patchOnce, type StartedDatabaseOperation } from '@throughline/core/plugin';
import { withHandoff } from '../client/pool-handoff.js';
import type { PgClient, PgPool } from './internals.js';
import { type PgOperations, poolName, startQuery } from './operations.js';
import { outcomeOf } from './outcome.js';

/** Whether code of the service is told of what happens between a query and its result. */
function hearsOfQueries(pool: PgPool): boolean {
  return pool.options?.log !== undefined || pool.listenerCount?.('release') !== 0;
}

type ConnectCallback = (this: unknown, error: unknown, client?: PgClient, ...rest: unknown[]) => unknown;

/** The metrics of every pool, from its first `connect` on, and the operation of `pool.query`, its wait included. */
export function patchPool(
  prototype: PgPool,
  operations: PgOperations,
  isObserved: (client: PgClient) => boolean,
): () => void {
  const { pools } = operations;
  const describe = ({ _clients: [client] }: PgPool) =>
    client && { system: 'postgresql', name: poolName(client) };
  return patchOnce(prototype, 'db', (patch) => {
    patch.replace(
      prototype,
      'connect',
      (original) =>
        function connect(this: PgPool, callback) {
          const { fromPool } = operations;
          operations.fromPool = undefined;
          if (!patch.active || (callback && typeof callback !== 'function')) {
            return original.call(this, callback);
          }
          const startMillis = performance.now();
          const waited = () => pools.waited(this, performance.now() - startMillis);
          if (!callback) {
            const connecting = original.call(this) as PromiseLike<unknown>;
            pools.observe(this, describe);
            return followPromise(connecting, waited, () => {});
          }
          const caller = context.active();
          const run = callback as ConnectCallback;
          let operation: StartedDatabaseOperation | undefined;
          const result = original.call(this, function connected(this: unknown, ...args: unknown[]) {
            const [error, client] = args;
            if (!error) waited();
            const call = () =>
              fromPool?.needsContext === false
                ? Reflect.apply(run, this, args)
                : context.with(caller, run as (...all: unknown[]) => unknown, this, ...args);
            if (!fromPool) return call();
            operation ??= startQuery(operations, client as PgClient | undefined, fromPool.config);
            if (error) operation.end(outcomeOf(error));
            return error ? call() : withHandoff(operations, { ...fromPool, operation }, call);
          });
          pools.observe(this, describe);
          // A client is there only now, if it is the pool's first.
          if (fromPool) operation ??= startQuery(operations, this._clients[0], fromPool.config);
          return result;
        },
    );
    patch.replace(
      prototype,
      'query',
      (original) =>
        function query(this: PgPool, config, values, callback) {
          const isQuery = typeof config === 'string' || (typeof config === 'object' && config !== null);
          if (patch.active && isQuery && isObserved(this.Client.prototype)) {
            const needsContext = typeof values === 'function' || Boolean(callback) || hearsOfQueries(this);
            operations.fromPool = { config, needsContext };
          }
          try {
            return original.call(this, config, values, callback);
          } finally {
            operations.fromPool = undefined;
          }
        },
    );
    patch.replace(
      prototype,
      'end',
      (original) =>
        function end(this: PgPool, callback) {
          pools.drop(this);
          return original.call(this, callback);
        },
    );
  });
}
