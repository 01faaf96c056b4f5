import type { Context } from '@opentelemetry/api';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';

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
  let rejection: unknown;
  let hasRejection = false;
  const tell = (error: unknown, origin: CrashOrigin, isEnd: boolean) => {
    const active = context.active();
    try {
      told({ error, origin, context: active === ROOT_CONTEXT ? (thrownIn ?? active) : active, isEnd });
    } catch {
      // What Node does now must not depend on us.
    }
  };
  const onMonitor = (error: unknown, origin: CrashOrigin) => {
    const isEnd = process.listenerCount('uncaughtException') === 0;
    if (hasRejection && rejection === error) {
      // It was logged as a rejection a moment ago; only the end is news.
      if (isEnd) tell(undefined, origin, true);
      return;
    }
    tell(error, origin, isEnd);
  };
  process.on('uncaughtExceptionMonitor', onMonitor);

  const { emit } = process;
  const overhear = function overhear(this: NodeJS.Process, ...args: unknown[]) {
    if (args[0] === 'unhandledRejection') {
      rejection = args[1];
      hasRejection = true;
      tell(rejection, 'unhandledRejection', false);
      setImmediate(() => {
        hasRejection = false;
        rejection = undefined;
      }).unref();
    }
    return Reflect.apply(emit, this, args);
  };
  process.emit = overhear as typeof emit;
  return () => {
    process.off('uncaughtExceptionMonitor', onMonitor);
    // Somebody may have wrapped ours since; then it stays, and tells what nobody hears any more.
    if (process.emit === overhear) process.emit = emit;
    told = () => {};
  };
}
