import { context } from '@opentelemetry/api';
import { patchOnce } from '@throughline/core/plugin';
import { withHandoff } from '../client/pool-handoff.js';
import type { MySqlConnection, MySqlPool } from './internals.js';
import { addressOf, type MySqlOperations, startQuery, systemOf, textOf } from './operations.js';
import { outcomeOf } from './outcome.js';

type ConnectionCallback = (this: unknown, ...args: unknown[]) => unknown;

/** The metrics of every pool, from its first connection on, and the operation of `pool.query`, its wait included. */
export function patchPool(prototype: MySqlPool, operations: MySqlOperations): () => void {
  const { pools } = operations;
  // A callback that waited for a connection may come back to ask for another.
  const known = new WeakSet<object>();
  return patchOnce(prototype, 'db', (patch) => {
    const whileAsking = (name: 'query' | 'execute') =>
      patch.replace(
        prototype,
        name,
        (original) =>
          function asking(this: MySqlPool, sql, values, callback) {
            const text = textOf(sql);
            operations.fromPool = patch.active && text !== undefined ? { text } : undefined;
            try {
              return original.call(this, sql, values, callback);
            } finally {
              operations.fromPool = undefined;
            }
          },
      );
    whileAsking('query');
    whileAsking('execute');
    patch.replace(
      prototype,
      'getConnection',
      (original) =>
        function getConnection(this: MySqlPool, callback) {
          const { fromPool } = operations;
          operations.fromPool = undefined;
          if (!patch.active || typeof callback !== 'function' || known.has(callback)) {
            return original.call(this, callback);
          }
          const startMillis = performance.now();
          const caller = context.active();
          const { connectionConfig } = this.config;
          const start = (connection?: MySqlConnection) =>
            fromPool &&
            startQuery(operations, fromPool.text, connectionConfig, () =>
              connection
                ? systemOf(operations, connection)
                : operations.systems.get(addressOf(connectionConfig)),
            );
          // Whether it is MariaDB only the first connection tells.
          let operation = operations.systems.has(addressOf(connectionConfig)) ? start() : undefined;
          const pool = this;
          const connected: ConnectionCallback = function (...args) {
            const [error, connection] = args as [unknown, MySqlConnection | undefined];
            if (connection && !error) {
              pools.observe(pool, () => ({
                system: systemOf(operations, connection) ?? 'mysql',
                name: `${addressOf(connectionConfig)}${connectionConfig.database ? `/${connectionConfig.database}` : ''}`,
              }));
              pools.waited(pool, performance.now() - startMillis);
            }
            const call = () => context.with(caller, callback as ConnectionCallback, this, ...args);
            operation ??= context.with(caller, () => start(connection));
            if (!operation || !fromPool) return call();
            if (error) operation.end(outcomeOf(error));
            return error ? call() : withHandoff(operations, { text: fromPool.text, operation }, call);
          };
          known.add(connected);
          return original.call(this, connected);
        },
    );
    patch.replace(
      prototype,
      'end',
      (original) =>
        function end(this: MySqlPool, callback) {
          pools.drop(this);
          return original.call(this, callback);
        },
    );
  });
}
