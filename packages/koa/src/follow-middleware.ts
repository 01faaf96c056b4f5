import { followCall } from '@throughline/core/plugin';
import type { KoaContext, Middleware } from './koa-internals.js';

/** What is told of a function. Nothing that goes wrong in it reaches the service. */
export interface MiddlewareListener {
  readonly isActive: () => boolean;
  readonly started?: (context: KoaContext) => void;
  readonly failed: (context: KoaContext, error: unknown) => void;
}

/**
 * A function that does what another one does and has its properties: services and routers look for `router` and `param`
 * on them.
 */
export function followMiddleware(original: Middleware, listener: MiddlewareListener): Middleware {
  const followed: Middleware = function (this: unknown, context, next) {
    if (!listener.isActive()) return original.call(this, context, next);
    try {
      listener.started?.(context);
    } catch {
      // Observing must not change what the service does.
    }
    return followCall(
      () => original.call(this, context, next),
      () => {},
      (error) => listener.failed(context, error),
    );
  };
  Object.setPrototypeOf(followed, original);
  for (const name of ['name', 'length'] as const) {
    Object.defineProperty(followed, name, { value: original[name], configurable: true });
  }
  return followed;
}
