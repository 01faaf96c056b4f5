import { context } from '@opentelemetry/api';
import {
  followPromise,
  isThenable,
  patchOnce,
  type StartedDatabaseOperation,
} from '@throughline/core/plugin';
import type { QueryCallback } from '../client/query-callback.js';
import { withTraceComment } from '../sql/trace-comment.js';
import type { PgClient } from './internals.js';
import { isSubmittable, type PgOperations, startQuery } from './operations.js';
import { outcomeOf } from './outcome.js';
import { observeSubmittable } from './submittable.js';

interface QueryConfig {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly callback?: unknown;
}

/** One operation per `client.query`, in all of its forms. */
export function patchClient(prototype: PgClient, operations: PgOperations): () => void {
  return patchOnce(prototype, 'db', (patch) =>
    patch.replace(
      prototype,
      'query',
      (original) =>
        function query(this: PgClient, config, values, callback) {
          // Other arguments are errors, which pg throws.
          const isQuery = typeof config === 'string' || (typeof config === 'object' && config !== null);
          if (!patch.active || !isQuery) return original.call(this, config, values, callback);
          if (isSubmittable(config)) {
            const operation = takeHanded(operations, config) ?? startQuery(operations, this, config);
            observeSubmittable(config, operation);
            return orEnd(operation, () => original.call(this, config, values, callback));
          }
          const given = callbackOf(config as string | QueryConfig, values, callback);
          if (given && typeof given !== 'function') return original.call(this, config, values, callback);

          const needsContext = operations.handed?.config !== config || operations.handed.needsContext;
          const operation = takeHanded(operations, config) ?? startQuery(operations, this, config);
          const sent = operations.context.sqlComments
            ? withComment(config as string | QueryConfig, operation)
            : config;
          if (given) {
            const ending = needsContext
              ? endingCallback(operation, given as QueryCallback)
              : endingOfPool(operation, given as QueryCallback);
            const valuesGiven = typeof values === 'function' ? undefined : values;
            return orEnd(operation, () => original.call(this, sent, valuesGiven, ending));
          }
          const result = orEnd(operation, () => original.call(this, sent, values, callback));
          return isThenable(result) ? endingPromise(operation, result) : result;
        },
    ),
  );
}

/** The operation that `pool.query` has begun for this very query. */
function takeHanded(operations: PgOperations, config: unknown): StartedDatabaseOperation | undefined {
  const { handed } = operations;
  if (handed?.config !== config) return undefined;
  operations.handed = undefined;
  return handed?.operation;
}

/** The callback that pg would call: the last of those given. */
function callbackOf(config: string | QueryConfig, values: unknown, callback: unknown): unknown {
  if (callback) return callback;
  if (typeof values === 'function') return values;
  return typeof config === 'string' ? undefined : config.callback;
}

/** Ends the operation, then runs the callback in the context of the query. pg itself would run it in the context in which the connection was made. */
function endingCallback(operation: StartedDatabaseOperation, callback: QueryCallback): QueryCallback {
  const caller = context.active();
  return function ended(error, ...rest) {
    operation.end(error ? outcomeOf(error) : undefined);
    return context.with(caller, callback, this, error, ...rest);
  };
}

/** For the callback of a pool that resolves a promise. */
function endingOfPool(operation: StartedDatabaseOperation, callback: QueryCallback): QueryCallback {
  return function ended(error, ...rest) {
    operation.end(error ? outcomeOf(error) : undefined);
    return Reflect.apply(callback, this, [error, ...rest]);
  };
}

function endingPromise(operation: StartedDatabaseOperation, result: PromiseLike<unknown>) {
  return followPromise(
    result,
    () => operation.end(),
    (error) => operation.end(outcomeOf(error)),
  );
}

function orEnd<T>(operation: StartedDatabaseOperation, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    operation.end(outcomeOf(error));
    throw error;
  }
}

/** Never a prepared statement: its text must stay the same for its name. */
function withComment(config: string | QueryConfig, { span }: StartedDatabaseOperation): unknown {
  if (typeof config === 'string') return withTraceComment(config, span);
  const { text, name } = config;
  if (name || typeof text !== 'string' || !span) return config;
  const descriptors = Object.getOwnPropertyDescriptors(config);
  return Object.create(Object.getPrototypeOf(config), {
    ...descriptors,
    text: { value: withTraceComment(text, span), writable: true, enumerable: true, configurable: true },
  });
}
