import { context } from '@opentelemetry/api';
import { handingOver } from '../handing-over.js';
import { replaceMethod } from '../replaced-method.js';
import type { MySqlConnection, MySqlPool } from './mysql2-internals.js';
import { addressOf, type MySqlPatch, outcomeOf, startQuery, systemOf, textOf } from './mysql2-patch.js';

type ConnectionCallback = (this: unknown, ...args: unknown[]) => unknown;

/** The metrics of every pool, from its first connection on, and the operation of `pool.query`, its wait included. */
export function observePool(prototype: MySqlPool, patch: MySqlPatch): () => void {
  const { pools } = patch;
  // A callback that waited for a connection may come back to ask for another.
  const known = new WeakSet<object>();
  const whileAsking = (name: 'query' | 'execute') =>
    replaceMethod(
      prototype,
      name,
      (original) =>
        function asking(this: MySqlPool, sql, values, callback) {
          const text = textOf(sql);
          patch.fromPool = patch.active && text !== undefined ? { text } : undefined;
          try {
            return original.call(this, sql, values, callback);
          } finally {
            patch.fromPool = undefined;
          }
        },
    );
  const restores = [
    whileAsking('query'),
    whileAsking('execute'),
    replaceMethod(
      prototype,
      'getConnection',
      (original) =>
        function getConnection(this: MySqlPool, callback) {
          const { fromPool } = patch;
          patch.fromPool = undefined;
          if (!patch.active || typeof callback !== 'function' || known.has(callback)) {
            return original.call(this, callback);
          }
          const startMillis = performance.now();
          const caller = context.active();
          const { connectionConfig } = this.config;
          const start = (connection?: MySqlConnection) =>
            fromPool &&
            startQuery(patch, fromPool.text, connectionConfig, () =>
              connection ? systemOf(patch, connection) : patch.systems.get(addressOf(connectionConfig)),
            );
          // Whether it is MariaDB only the first connection tells.
          let operation = patch.systems.has(addressOf(connectionConfig)) ? start() : undefined;
          const pool = this;
          const connected: ConnectionCallback = function (...args) {
            const [error, connection] = args as [unknown, MySqlConnection | undefined];
            if (connection && !error) {
              pools.observe(pool, () => ({
                system: systemOf(patch, connection) ?? 'mysql',
                name: `${addressOf(connectionConfig)}${connectionConfig.database ? `/${connectionConfig.database}` : ''}`,
              }));
              pools.waited(pool, performance.now() - startMillis);
            }
            const call = () => context.with(caller, callback as ConnectionCallback, this, ...args);
            operation ??= context.with(caller, () => start(connection));
            if (!operation || !fromPool) return call();
            if (error) operation.end(outcomeOf(error));
            return error ? call() : handingOver(patch, { text: fromPool.text, operation }, call);
          };
          known.add(connected);
          return original.call(this, connected);
        },
    ),
    replaceMethod(
      prototype,
      'end',
      (original) =>
        function end(this: MySqlPool, callback) {
          pools.drop(this);
          return original.call(this, callback);
        },
    ),
  ];
  return () => {
    for (const restore of restores.reverse()) restore();
  };
}
