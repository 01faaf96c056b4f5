import { context } from '@opentelemetry/api';
import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import { handingOver } from '../handing-over.js';
import { replaceMethod } from '../replaced-method.js';
import type { PgClient, PgPool } from './pg-internals.js';
import { outcomeOf, type PgPatch, poolName, startQuery } from './pg-patch.js';

type ConnectCallback = (this: unknown, error: unknown, client?: PgClient, ...rest: unknown[]) => unknown;

/** The metrics of every pool, from its first `connect` on, and the operation of `pool.query`, its wait included. */
export function observePool(prototype: PgPool, patch: PgPatch, isObserved: (client: PgClient) => boolean) {
  const { pools } = patch;
  const describe = ({ _clients: [client] }: PgPool) =>
    client && { system: 'postgresql', name: poolName(client) };
  const restores = [
    replaceMethod(
      prototype,
      'connect',
      (original) =>
        function connect(this: PgPool, callback) {
          const { fromPool } = patch;
          patch.fromPool = undefined;
          if (!patch.active || (callback && typeof callback !== 'function')) {
            return original.call(this, callback);
          }
          const startMillis = performance.now();
          const waited = () => pools.waited(this, performance.now() - startMillis);
          if (!callback) {
            const connecting = original.call(this) as PromiseLike<unknown>;
            pools.observe(this, describe);
            return connecting.then((client) => {
              waited();
              return client;
            });
          }
          const caller = context.active();
          const run = callback as ConnectCallback;
          let operation: StartedDatabaseOperation | undefined;
          const result = original.call(this, function connected(this: unknown, ...args: unknown[]) {
            const [error, client] = args;
            if (!error) waited();
            const call = () => context.with(caller, run as (...all: unknown[]) => unknown, this, ...args);
            if (!fromPool) return call();
            operation ??= startQuery(patch, client as PgClient | undefined, fromPool.config);
            if (error) operation.end(outcomeOf(error));
            return error ? call() : handingOver(patch, { config: fromPool.config, operation }, call);
          });
          pools.observe(this, describe);
          // A client is there only now, if it is the pool's first.
          if (fromPool) operation ??= startQuery(patch, this._clients[0], fromPool.config);
          return result;
        },
    ),
    replaceMethod(
      prototype,
      'query',
      (original) =>
        function query(this: PgPool, config, values, callback) {
          const isQuery = typeof config === 'string' || (typeof config === 'object' && config !== null);
          if (patch.active && isQuery && isObserved(this.Client.prototype)) patch.fromPool = { config };
          try {
            return original.call(this, config, values, callback);
          } finally {
            patch.fromPool = undefined;
          }
        },
    ),
    replaceMethod(
      prototype,
      'end',
      (original) =>
        function end(this: PgPool, callback) {
          pools.drop(this);
          return original.call(this, callback);
        },
    ),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
