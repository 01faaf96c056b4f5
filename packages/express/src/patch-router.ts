import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Patch, PluginContext } from '@throughline/core/plugin';
import type { ExpressRequest, LayerPrototype, Next, RouterPrototype } from './express-internals.js';
import { rememberMountPath } from './mount-template.js';
import { RequestRoute, requestRouteOf } from './request-route.js';
import { isRoutingError } from './routing-error.js';

/** `Router.handle`, through which a request enters an app or a router; its callback runs when it leaves. */
export function followRouter(
  original: RouterPrototype['handle'],
  layer: LayerPrototype,
  http: PluginContext['http'],
  patch: Patch,
): RouterPrototype['handle'] {
  const resolveRoute = (req: IncomingMessage) => requestRouteOf(req)?.resolve(req);

  return function handle(req, res, callback) {
    const follows = patch.active && typeof callback === 'function';
    return original.call(this, req, res, follows ? followed(req, res, callback) : callback);
  };

  function followed(req: ExpressRequest, res: ServerResponse, callback: Next): Next {
    try {
      let route = requestRouteOf(req);
      if (route === undefined) {
        if (!http.setRouteResolver(req, resolveRoute)) return callback;
        route = new RequestRoute(req);
      }
      return leaving(route, req, res, callback);
    } catch {
      // Observing must not change what the service does.
      return callback;
    }
  }

  function leaving(route: RequestRoute, req: ExpressRequest, res: ServerResponse, callback: Next): Next {
    const run = route.enterRouter(req, layer.constructor);
    return function leave(this: unknown, ...args: unknown[]) {
      try {
        const [error] = args;
        const failed = isRoutingError(error);
        if (failed) route.fail(req, res);
        else route.passOn(run, req, res);
        route.leaveRouter(run);
        if (failed) http.recordError(req, error);
      } catch {
        // As above.
      }
      return Reflect.apply(callback, this, args);
    };
  }
}

/** `Router.use`, for those versions whose layers do not keep the path that they are mounted under. */
export function rememberMountPaths(original: RouterPrototype['use']): RouterPrototype['use'] {
  return function use(...args) {
    const before = this.stack?.length;
    const result = original.apply(this, args);
    try {
      rememberMountPath(this.stack.slice(before), args);
    } catch {
      // Then the template is worked out when a request comes.
    }
    return result;
  };
}
