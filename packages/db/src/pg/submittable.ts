import { context } from '@opentelemetry/api';
import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { Submittable } from './internals.js';
import { outcomeOf } from './outcome.js';

type ProtocolHandler = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Follows a query object, of pg or of another package, through the methods that the client calls on it: one says that
 * the server is done with it (all rows read, closed early, or destroyed), another reports an error (of the server, of
 * the connection, or a timeout).
 * Its callbacks and events run in the context of the query.
 */
export function observeSubmittable(query: Submittable, operation: StartedDatabaseOperation): void {
  const caller = context.active();
  const restores: (() => void)[] = [];
  const end = (error: unknown) => {
    for (const restore of restores.splice(0)) restore();
    operation.end(error ? outcomeOf(error) : undefined);
  };
  const handle = (name: keyof Submittable, before: ((args: unknown[]) => void) | undefined) => {
    const original = query[name];
    if (typeof original !== 'function') return;
    const descriptor = Object.getOwnPropertyDescriptor(query, name);
    const replacement: ProtocolHandler = function handled(this: unknown, ...args) {
      before?.(args);
      return context.with(caller, original as ProtocolHandler, this, ...args);
    };
    Object.defineProperty(query, name, { value: replacement, writable: true, configurable: true });
    restores.push(() => {
      if (query[name] !== replacement) return;
      if (descriptor) Object.defineProperty(query, name, descriptor);
      else Reflect.deleteProperty(query, name);
    });
  };
  handle('handleError', ([error]) => end(error));
  handle('handleReadyForQuery', () => end(query._canceledDueToError || reasonOf(query)));
  if (typeof query.handleReadyForQuery !== 'function') query.once?.('end', () => end(undefined));
  // It passes rows to the reader of a cursor.
  handle('handlePortalSuspended', undefined);
}

/** Why a stream was left early, if there is a reason; a loop with `break` gives none but Node's own. */
function reasonOf({ errored }: Submittable): unknown {
  const { code, cause } = (errored ?? {}) as { code?: unknown; cause?: unknown };
  return code === 'ABORT_ERR' && cause === undefined ? undefined : errored;
}
