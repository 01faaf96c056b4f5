import type { Context } from '@opentelemetry/api';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { replaceMethod } from '../patching/replace-method.js';

/**
 * The context in which an error was thrown that nobody caught so far. By the time that Node calls it uncaught, the
 * context manager has gone back to the one outside.
 */
let thrownIn: Context | undefined;

/** To be called on the way of an error out of a context; the innermost one counts. */
export function noteThrow(thrower: Context): void {
  if (thrownIn) return;
  thrownIn = thrower;
  // Whoever catches it does so in this turn; an uncaught one has been told by then.
  queueMicrotask(() => {
    thrownIn = undefined;
  });
}

/** Where errors were first seen, for rejections that reach Node by a promise made outside of their span. */
const origins = new WeakMap<object, Context>();

/** The innermost span that an error passed counts. */
export function noteError(error: unknown, thrower: Context): void {
  if (typeof error === 'object' && error !== null && !origins.has(error)) origins.set(error, thrower);
}

export type CrashOrigin = 'uncaughtException' | 'unhandledRejection';

export interface Crash {
  readonly error: unknown;
  readonly origin: CrashOrigin;
  /** The context of the code that failed. */
  readonly context: Context;
  /** Whether Node ends the process after this, because the service does not handle it. */
  readonly isEnd: boolean;
}

/**
 * Tells of uncaught exceptions and unhandled rejections without a part in what becomes of them. No listener is added
 * that Node would take for a handler: exceptions are monitored, and for rejections, which some modes of
 * `--unhandled-rejections` do not turn into exceptions, `process.emit` is overheard.
 *
 * @returns stops
 */
export function watchCrashes(told: (crash: Crash) => void): () => void {
  let stopped = false;
  let rejection: { readonly error: unknown; readonly context: Context; isTold: boolean } | undefined;

  const tell = (error: unknown, origin: CrashOrigin, thrower: Context, isEnd: boolean) => {
    if (stopped) return;
    try {
      told({ error, origin, context: thrower, isEnd });
    } catch {
      // What Node does now must not depend on us.
    }
  };
  const onMonitor = (error: unknown, origin: CrashOrigin) => {
    const isEnd =
      process.listenerCount('uncaughtException') === 0 && !process.hasUncaughtExceptionCaptureCallback();
    const told = rejection?.error === error ? rejection : undefined;
    if (told) told.isTold = true;
    else if (origin === 'unhandledRejection') rejectionIs(error, true);
    tell(error, origin, told?.context ?? contextOf(error), isEnd);
  };
  process.on('uncaughtExceptionMonitor', onMonitor);

  function rejectionIs(error: unknown, isTold: boolean) {
    const current = { error, context: contextOf(error), isTold };
    rejection = current;
    setImmediate(() => {
      if (rejection === current) rejection = undefined;
    }).unref();
    return current;
  }

  const overhearing = (emit: typeof process.emit) =>
    function overhear(this: NodeJS.Process, ...args: unknown[]) {
      // In mode `strict` the monitor was first.
      if (args[0] !== 'unhandledRejection' || rejection?.error === args[1])
        return Reflect.apply(emit, this, args);
      const current = rejectionIs(args[1], false);
      const isHandled: unknown = Reflect.apply(emit, this, args);
      // Node may turn it into an exception next. Until it has, nobody must ask the error for its stack, from which
      // Node takes the line to print.
      const tellNow = () => {
        if (!current.isTold) tell(current.error, 'unhandledRejection', current.context, false);
        current.isTold = true;
      };
      if (isHandled) tellNow();
      else queueMicrotask(tellNow);
      return isHandled;
    } as typeof process.emit;
  const restoreEmit = replaceMethod(process, 'emit', overhearing);
  return () => {
    stopped = true;
    process.off('uncaughtExceptionMonitor', onMonitor);
    restoreEmit();
  };
}

function contextOf(error: unknown): Context {
  const known = typeof error === 'object' && error !== null ? origins.get(error) : undefined;
  if (known) return known;
  const active = context.active();
  return active === ROOT_CONTEXT ? (thrownIn ?? active) : active;
}
