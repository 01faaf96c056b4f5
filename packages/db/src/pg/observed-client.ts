import { context } from '@opentelemetry/api';
import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import { replaceMethod } from '../replaced-method.js';
import { withTraceComment } from '../sql/trace-comment.js';
import { observeSubmittable } from './observed-submittable.js';
import type { PgClient } from './pg-internals.js';
import { isSubmittable, outcomeOf, type PgPatch, startQuery } from './pg-patch.js';

type Callback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown;

interface QueryConfig {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly callback?: unknown;
}

/** One operation per `client.query`, whatever form it is called in. */
export function observeClient(prototype: PgClient, patch: PgPatch): () => void {
  return replaceMethod(
    prototype,
    'query',
    (original) =>
      function query(this: PgClient, config, values, callback) {
        // Other arguments are errors, which pg throws.
        const isQuery = typeof config === 'string' || (typeof config === 'object' && config !== null);
        if (!patch.active || !isQuery) return original.call(this, config, values, callback);
        if (isSubmittable(config)) {
          const operation = takeHanded(patch, config) ?? startQuery(patch, this, config);
          observeSubmittable(config, operation);
          return orEnd(operation, () => original.call(this, config, values, callback));
        }
        const given = callbackOf(config as string | QueryConfig, values, callback);
        if (given && typeof given !== 'function') return original.call(this, config, values, callback);

        const operation = takeHanded(patch, config) ?? startQuery(patch, this, config);
        const sent = patch.context.sqlComments
          ? withComment(config as string | QueryConfig, operation)
          : config;
        if (given) {
          const ending = endingCallback(operation, given as Callback);
          const own = typeof values === 'function' ? undefined : values;
          return orEnd(operation, () => original.call(this, sent, own, ending));
        }
        const result = orEnd(operation, () => original.call(this, sent, values, callback));
        return isPromise(result) ? endingPromise(operation, result) : result;
      },
  );
}

/** The operation that `pool.query` has begun for this very query. */
function takeHanded(patch: PgPatch, config: unknown): StartedDatabaseOperation | undefined {
  const { handed } = patch;
  if (handed?.config !== config) return undefined;
  patch.handed = undefined;
  return handed?.operation;
}

/** The callback that pg would call: the last of those given. */
function callbackOf(config: string | QueryConfig, values: unknown, callback: unknown): unknown {
  if (callback) return callback;
  if (typeof values === 'function') return values;
  return typeof config === 'string' ? undefined : config.callback;
}

/** Ends the operation, then goes on where the query was called: pg calls back where the connection was made. */
function endingCallback(operation: StartedDatabaseOperation, callback: Callback): Callback {
  const caller = context.active();
  return function ended(error, ...rest) {
    operation.end(error ? outcomeOf(error) : undefined);
    return context.with(caller, callback, this, error, ...rest);
  };
}

/** A promise in the place of pg's own: a second branch of it would make a rejection look handled, or unhandled. */
function endingPromise(operation: StartedDatabaseOperation, result: PromiseLike<unknown>) {
  return result.then(
    (value) => {
      operation.end();
      return value;
    },
    (error) => {
      operation.end(outcomeOf(error));
      throw error;
    },
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

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
