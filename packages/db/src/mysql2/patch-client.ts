import { context } from '@opentelemetry/api';
import {
  type DatabaseOutcome,
  type Patch,
  patchOnce,
  type StartedDatabaseOperation,
} from '@throughline/core/plugin';
import type { QueryCallback } from '../client/query-callback.js';
import { withTraceComment } from '../sql/trace-comment.js';
import type { MySqlCommand, MySqlConnection, MySqlStatement } from './internals.js';
import { type MySqlOperations, startQuery, systemOf, textOf } from './operations.js';
import { outcomeOf } from './outcome.js';

type EndOperation = (outcome?: DatabaseOutcome) => void;

/** One operation per `query` and `execute` of a connection; promises are made of these by mysql2. */
export function patchClient(prototype: MySqlConnection, operations: MySqlOperations): () => void {
  return patchOnce(prototype, 'db', (patch) => replaceMethods(prototype, operations, patch));
}

function replaceMethods(prototype: MySqlConnection, operations: MySqlOperations, patch: Patch): void {
  const pending = new WeakMap<MySqlConnection, Set<StartedDatabaseOperation>>();
  const endPending = (connection: MySqlConnection, error: unknown) => {
    for (const operation of pending.get(connection) ?? []) operation.end(outcomeOf(error));
    pending.delete(connection);
  };
  const begin = (
    connection: MySqlConnection,
    text: string,
  ): { operation: StartedDatabaseOperation; end: EndOperation } => {
    const operation =
      takeHanded(operations, text) ??
      startQuery(operations, text, connection.config, () => systemOf(operations, connection));
    const ofConnection = pending.get(connection) ?? new Set();
    pending.set(connection, ofConnection.add(operation));
    return {
      operation,
      end(outcome) {
        ofConnection.delete(operation);
        operation.end(outcome);
      },
    };
  };
  const observe = (name: 'query' | 'execute') =>
    patch.replace(
      prototype,
      name,
      (original) =>
        function observed(this: MySqlConnection, sql, values, callback) {
          const text = textOf(sql);
          if (!patch.active || text === undefined) return original.call(this, sql, values, callback);
          const { operation, end } = begin(this, text);
          const hasComment = name === 'query' && operations.context.sqlComments;
          const sent = hasComment ? withComment(sql, text, operation) : sql;
          try {
            if (isCommand(sql)) {
              if (typeof sql.onResult === 'function')
                sql.onResult = endingCallback(end, sql.onResult as QueryCallback);
              else followEvents(sql, end);
              return original.call(this, sent, values, callback);
            }
            if (typeof values === 'function') {
              return original.call(this, sent, endingCallback(end, values as QueryCallback));
            }
            if (typeof callback === 'function') {
              return original.call(this, sent, values, endingCallback(end, callback as QueryCallback));
            }
            const command = original.call(this, sent, values, callback);
            if (isCommand(command)) followEvents(command, end);
            else end();
            return command;
          } catch (error) {
            end(outcomeOf(error));
            throw error;
          }
        },
    );
  const observed = new WeakSet<MySqlStatement>();
  /** Its class shows only when there is a statement. */
  const observeStatements = (statement: MySqlStatement): void => {
    if (observed.has(statement) || !Object.hasOwn(statement, 'execute')) return;
    observed.add(statement);
    patch.replace(
      statement,
      'execute',
      (original) =>
        function execute(this: MySqlStatement, values, callback) {
          const text = textOf(this.query);
          if (!patch.active || text === undefined) return original.call(this, values, callback);
          const { end } = begin(this._connection, text);
          try {
            if (typeof values === 'function') {
              return original.call(this, endingCallback(end, values as QueryCallback));
            }
            if (typeof callback === 'function') {
              return original.call(this, values, endingCallback(end, callback as QueryCallback));
            }
            const command = original.call(this, values);
            if (isCommand(command)) followEvents(command, end);
            else end();
            return command;
          } catch (error) {
            end(outcomeOf(error));
            throw error;
          }
        },
    );
  };
  observe('query');
  observe('execute');
  patch.replace(
    prototype,
    'prepare',
    (original) =>
      function prepare(this: MySqlConnection, sql, callback) {
        if (!patch.active || typeof callback !== 'function') return original.call(this, sql, callback);
        const caller = context.active();
        return original.call(this, sql, function prepared(this: unknown, ...args: unknown[]) {
          if (args[1]) observeStatements(Object.getPrototypeOf(args[1]));
          return context.with(caller, callback as QueryCallback, this, args[0], ...args.slice(1));
        });
      },
  );
  // Queries without a callback do not hear that the connection is gone.
  patch.replace(
    prototype,
    '_notifyError',
    (original) =>
      function _notifyError(this: MySqlConnection, error) {
        const waiting = pending.get(this);
        // Those with a callback end in it; it runs now.
        const result = original.call(this, error);
        if (waiting?.size) endPending(this, error);
        return result;
      },
  );
  // Nor does any query of a connection that the service destroys, unless its answer is under way.
  patch.replace(
    prototype,
    'close',
    (original) =>
      function close(this: MySqlConnection) {
        if (pending.get(this)?.size) {
          this.stream.once('close', () => endPending(this, new Error('The connection was closed.')));
        }
        return original.call(this);
      },
  );
}

/** The operation that `pool.query` has begun for this very query. */
function takeHanded(operations: MySqlOperations, text: string): StartedDatabaseOperation | undefined {
  const { handed } = operations;
  if (handed?.text !== text) return undefined;
  operations.handed = undefined;
  return handed.operation;
}

/** Ends the operation, then runs the callback in the context of the query. mysql2 itself would run it in the context in which the connection was made. */
function endingCallback(end: EndOperation, callback: QueryCallback): QueryCallback {
  const caller = context.active();
  return function ended(error, ...rest) {
    end(error ? outcomeOf(error) : undefined);
    return context.with(caller, callback, this, error, ...rest);
  };
}

/** Without listeners: a listener for `error` would keep an unhandled error from ending the process. */
function followEvents(command: MySqlCommand, end: EndOperation): void {
  const caller = context.active();
  const { emit } = command;
  command.emit = function followed(event, ...args) {
    if (event === 'error') end(outcomeOf(args[0]));
    else if (event === 'end') end();
    return context.with(caller, emit, this, event, ...args);
  };
}

function withComment(sql: unknown, text: string, { span }: StartedDatabaseOperation): unknown {
  const commented = withTraceComment(text, span);
  if (typeof sql === 'string' || commented === text) return typeof sql === 'string' ? commented : sql;
  if (isCommand(sql)) {
    sql.sql = commented;
    return sql;
  }
  return { ...(sql as object), sql: commented };
}

const isCommand = (value: unknown): value is MySqlCommand =>
  typeof value === 'object' && value !== null && 'onResult' in value && 'emit' in value;
