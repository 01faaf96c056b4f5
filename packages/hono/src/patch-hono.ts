import { type Patch, type PluginContext, patchOnce } from '@throughline/core/plugin';
import { type Follower, followMatches } from './follow-handlers.js';
import {
  findPrototypes,
  type HonoContext,
  type HonoRequest,
  type Match,
  type SmartRouter,
} from './hono-internals.js';
import { incomingOf, isFollowed, lateRouteName } from './request-route.js';

type Http = PluginContext['http'];

/** Who follows the apps of one copy of Hono, by its router's prototype. Routers refer to it longer than a patch lasts. */
const followers = new WeakMap<object, Follower>();

/**
 * Patches the prototypes behind all apps of one copy of Hono, existing or not yet made. Nothing that goes wrong in the
 * patches reaches the service.
 *
 * @returns removes the patches
 */
export function patchHono(moduleExports: unknown, http: Http): () => void {
  const { router, app, context } = findPrototypes(moduleExports);
  return patchOnce(router, 'hono', (patch) => {
    const follower = followers.get(router) ?? { http: undefined };
    followers.set(router, follower);
    follower.http = http;
    patch.onUndo(() => {
      follower.http = undefined;
    });
    const follow = followMatches(follower);
    if (typeof app.matchRoute === 'function') {
      patch.replace(
        app as { matchRoute: Match },
        'matchRoute',
        (original) =>
          function matchRoute(this: unknown, ...args) {
            return follow(original.apply(this, args));
          },
      );
    } else {
      patch.replace(router, 'match', (original) => followFirstMatch(original, follow));
      followUnknownApps(context, http, patch);
    }
  });
}

/** The first match chooses a router, and puts its `match` in front of this one. */
function followFirstMatch(original: Match, follow: (result: ReturnType<Match>) => ReturnType<Match>): Match {
  return function match(this: SmartRouter, ...args) {
    const result = original.apply(this, args);
    try {
      if (Object.hasOwn(this, 'match')) {
        const chosen = this.match;
        this.match = (...next) => follow(chosen(...next));
      }
    } catch {
      // Observing must not change what the service does.
    }
    return follow(result);
  };
}

/**
 * An app that has another router, or that has answered requests before init, calls no method that could be replaced. But
 * Hono looks at the request once for each handler, if several match, and most handlers look at it too.
 */
function followUnknownApps(prototype: object, http: Http, patch: Patch): void {
  const property = Object.getOwnPropertyDescriptor(prototype, 'req');
  const original = property?.get as ((this: HonoContext) => HonoRequest) | undefined;
  if (!original) return;
  const get = function req(this: HonoContext) {
    const request = original.call(this);
    try {
      if (patch.active) followUnknown(this, request, http);
    } catch {
      // As above.
    }
    return request;
  };
  Object.defineProperty(prototype, 'req', { ...property, get });
  patch.onUndo(() => {
    if (Object.getOwnPropertyDescriptor(prototype, 'req')?.get !== get) return;
    Object.defineProperty(prototype, 'req', property as PropertyDescriptor);
  });
}

const looked = Symbol('throughline.hono.looked');

function followUnknown(
  context: HonoContext & { [looked]?: boolean },
  request: HonoRequest,
  http: Http,
): void {
  if (context[looked]) return;
  context[looked] = true;
  const incoming = incomingOf(context);
  if (incoming === undefined || isFollowed(incoming)) return;
  http.setRouteResolver(incoming, () =>
    isFollowed(incoming)
      ? undefined
      : lateRouteName(request.matchedRoutes[request.routeIndex], context.env?.outgoing?.statusCode),
  );
  // Hono sets it when it gives an error to the error handler.
  let thrown = context.error;
  Object.defineProperty(context, 'error', {
    configurable: true,
    enumerable: true,
    get: () => thrown,
    set(error: unknown) {
      thrown = error;
      try {
        if (error !== undefined) http.recordError(incoming, error);
      } catch {
        // As above.
      }
    },
  });
}
