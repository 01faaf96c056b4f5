import type { ServerResponse } from 'node:http';
import type { Patch, PluginContext } from '@throughline/core/plugin';
import type { ExpressRequest, HandleError, HandleRequest, Next } from './express-internals.js';
import { type RequestRoute, requestRouteOf } from './request-route.js';
import { isRoutingError } from './routing-error.js';

/** `Layer.handleRequest`, which Express calls for middleware, for routes, and for the handlers of a route. */
export function followRequests(original: HandleRequest, patch: Patch): HandleRequest {
  return function handleRequest(req, res, next) {
    let after = next;
    try {
      const route = patch.active ? requestRouteOf(req) : undefined;
      // The handlers of a route, which alone have a method, belong to what was reached before.
      if (route !== undefined && !('method' in this)) {
        route.reachLayer(this, req, res);
        if (req.method === 'OPTIONS') after = passingOn(route, req, res, next);
      }
    } catch {
      // Observing must not change what the service does.
    }
    return original.call(this, req, res, after);
  };
}

/**
 * A router answers OPTIONS by itself when no layer does, and nothing tells. So in these requests alone `next`
 * is watched; in all others the next layer, or the end of the router, shows that one has given up.
 */
function passingOn(route: RequestRoute, req: ExpressRequest, res: ServerResponse, next: Next): Next {
  const run = route.currentRun;
  return (error) => {
    if (!isRoutingError(error)) route.passOn(run, req, res);
    next(error);
  };
}

/**
 * `Layer.handleError`, which Express calls with an error for all that comes after it, error handler or not,
 * until one answers. The same error counts once: the request sees to that.
 */
export function followErrors(original: HandleError, http: PluginContext['http'], patch: Patch): HandleError {
  return function handleError(error, req, res, next) {
    try {
      const route = patch.active ? requestRouteOf(req) : undefined;
      if (route !== undefined && isRoutingError(error)) {
        route.fail(req, res);
        http.recordError(req, error);
      }
    } catch {
      // Observing must not change what the service does.
    }
    return original.call(this, error, req, res, next);
  };
}
