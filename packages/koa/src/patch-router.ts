import { type PluginContext, patchOnce } from '@throughline/core/plugin';
import { followMiddleware, type MiddlewareListener } from './follow-middleware.js';
import { findRouter, type Layer, type MatchResult } from './koa-internals.js';
import { mountPrefix } from './mount-paths.js';

/**
 * Patches the prototype behind all routers of one copy of `@koa/router` or `koa-router`, existing or not yet made. A
 * router asks it which of its layers match. It gets layers that tell when they are reached, and that are in all else the
 * same; those of the service stay as they are.
 *
 * @returns removes the patch
 */
export function patchRouter(moduleExports: unknown, http: PluginContext['http']): () => void {
  const router = findRouter(moduleExports);
  return patchOnce(router, 'koa-router', (patch) => {
    const followedLayers = new WeakMap<Layer, WeakMap<Layer, FollowedLayer>>();
    const follow = (layer: Layer, route: Layer): Layer => {
      const ofRoute = followedLayers.get(route) ?? new WeakMap<Layer, FollowedLayer>();
      followedLayers.set(route, ofRoute);
      const known = ofRoute.get(layer);
      // `router.param` adds to it later.
      if (known && sameEntries(known.original, layer.stack)) return known.layer;
      // Middleware of a router runs for a route only: what it answers belongs to that route.
      const { path } = layer.methods.length > 0 ? layer : route;
      const followed = withStack(layer, {
        isActive: () => patch.active,
        started: (context) => http.setRoute(context.req, joined(mountPrefix(context), String(path))),
        failed: (context, error) => http.recordError(context.req, error),
      });
      ofRoute.set(layer, { layer: followed, original: [...layer.stack] });
      return followed;
    };
    const followAll = (result: MatchResult): void => {
      const matched = result.pathAndMethod;
      const route = matched.findLast(({ methods }) => methods.length > 0);
      if (route) result.pathAndMethod = matched.map((layer) => follow(layer, route));
    };
    patch.replace(
      router,
      'match',
      (original) =>
        function match(this: unknown, ...args) {
          const result = original.apply(this, args);
          try {
            if (patch.active && result.route) followAll(result);
          } catch {
            // Observing must not change what the service does.
          }
          return result;
        },
    );
  });
}

interface FollowedLayer {
  readonly layer: Layer;
  /** What its functions were made of. */
  readonly original: Layer['stack'];
}

function withStack(layer: Layer, listener: MiddlewareListener): Layer {
  const stack = layer.stack.map((middleware) => followMiddleware(middleware, listener));
  return Object.create(layer, { stack: { value: stack, writable: true, enumerable: true } });
}

const sameEntries = (left: readonly unknown[], right: readonly unknown[]) =>
  left.length === right.length && left.every((entry, index) => entry === right[index]);

/** `/api` and `/orders/:id` give `/api/orders/:id`; `/api` and `/` give `/api`, the path that clients request. */
const joined = (mount: string, path: string) =>
  mount === '' ? path || '/' : path === '/' ? mount : mount + path;
