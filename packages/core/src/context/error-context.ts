import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';

/**
 * The context in which an uncaught error was thrown. When Node reports the error as uncaught, the context manager has
 * already returned to the outer context.
 */
let thrownIn: Context | undefined;

/** To be called on the way of an error out of a context; the innermost one counts. */
export function noteThrow(thrower: Context): void {
  if (thrownIn) return;
  thrownIn = thrower;
  // A handler catches it in this turn. If it is uncaught, Node has reported it before this runs.
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

/** The context of the code that failed. */
export function contextOfError(error: unknown): Context {
  const known = typeof error === 'object' && error !== null ? origins.get(error) : undefined;
  if (known) return known;
  const active = context.active();
  return active === ROOT_CONTEXT ? (thrownIn ?? active) : active;
}
