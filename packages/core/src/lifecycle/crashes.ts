import type { Context } from '@opentelemetry/api';
import { contextOfError } from '../context/error-context.js';
import { replaceMethod } from '../patching/replace-method.js';

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
 * Reports uncaught exceptions and unhandled rejections without changing their effect. No listener is added that Node
 * would treat as a handler: exceptions are monitored, and for rejections, which some modes of
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
    tell(error, origin, told?.context ?? contextOfError(error), isEnd);
  };
  process.on('uncaughtExceptionMonitor', onMonitor);

  function rejectionIs(error: unknown, isTold: boolean) {
    const current = { error, context: contextOfError(error), isTold };
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
      // Node may turn it into an exception next. Before that, the stack of the error must not be read: Node takes from it
      // the line to print.
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
