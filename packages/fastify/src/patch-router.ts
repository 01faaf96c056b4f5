import type { IncomingMessage } from 'node:http';
import { type PluginContext, patchOnce } from '@throughline/core/plugin';
import { declaredPathOf } from './declared-path.js';
import type { FoundRoute, RouteContext, Router, RouterPrototype } from './fastify-internals.js';
import { nameRoute } from './request-route.js';

/**
 * Patches the prototype of the router find-my-way, which Fastify uses, and which services also use alone.
 *
 * @returns removes the patches
 */
export function patchRouter(moduleExports: unknown, http: PluginContext['http']): () => void {
  const prototype = routerPrototype(moduleExports);
  // Older ones (Fastify 4.0 to 4.10) call the handler themselves: there the route is named when Fastify answers.
  if (typeof prototype.callHandler !== 'function') return () => {};
  return patchOnce(prototype, 'find-my-way', (patch) => {
    patch.replace(
      prototype,
      'callHandler',
      (original) =>
        function callHandler(this: Router, found, request, response, context) {
          try {
            if (patch.active && found !== null) reachRoute(http, this, found, request);
          } catch {
            // Observing must not change what the service does.
          }
          return original.call(this, found, request, response, context);
        },
    );
    if (typeof prototype._lookupCompiled !== 'function') return;
    patch.replace(
      prototype,
      '_lookupCompiled',
      (original) =>
        function lookupCompiled(this: Router, ...args) {
          // The compiled function calls the handler by itself. This way takes it from `callHandler`.
          const follows = patch.active && !isOfFastify(this.routes[0]?.store);
          return (follows ? prototype.lookup : original).apply(this, args);
        },
    );
  });
}

function reachRoute(
  http: PluginContext['http'],
  router: Router,
  found: FoundRoute,
  request: IncomingMessage,
): void {
  if (isOfFastify(found.store)) nameRoute(http, request, found.store);
  else http.setRoute(request, declaredPathOf(router, found, request));
}

/** Whether this is what Fastify keeps of its routes. */
function isOfFastify(store: unknown): store is RouteContext {
  return typeof store === 'object' && store !== null && 'config' in store && 'Reply' in store;
}

function routerPrototype(moduleExports: unknown): RouterPrototype {
  const Constructor =
    typeof moduleExports === 'function'
      ? moduleExports
      : (moduleExports as { default?: unknown } | undefined)?.default;
  const prototype: unknown = typeof Constructor === 'function' ? Constructor.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null || !('lookup' in prototype)) {
    throw new Error('it is not the router find-my-way');
  }
  return prototype as RouterPrototype;
}
