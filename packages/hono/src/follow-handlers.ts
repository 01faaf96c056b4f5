import type { IncomingMessage } from 'node:http';
import { followPromise, type PluginContext } from '@throughline/core/plugin';
import type { Handler, HonoContext, MatchResult, RegisteredRoute } from './hono-internals.js';
import { incomingOf, passOn, reach } from './request-route.js';

/** Who gets what is found; nobody while the plugin is off. */
export interface Follower {
  http: PluginContext['http'] | undefined;
}

type Matched = MatchResult[0];
type Entry = Matched[number];

/**
 * Takes what a router found, and returns the same with handlers that tell when they run. The lists of the router stay as
 * they are: routers keep them, and the service can look at them. Followed handlers are kept for as long as the routes.
 */
export function followMatches(follower: Follower): (result: MatchResult) => MatchResult {
  const lists = new WeakMap<Matched, Matched>();
  const inner = new WeakMap<Entry[0], Entry[0]>();
  const last = new WeakMap<Entry[0], Entry[0]>();

  const followedEntry = ([registered, parameters]: Entry, isLast: boolean): Entry => {
    const known = isLast ? last : inner;
    let followed = known.get(registered);
    if (!followed) {
      const [handler, route] = registered;
      followed = [follow(follower, handler, route, isLast), route];
      known.set(registered, followed);
    }
    return [followed, parameters];
  };

  return (result) => {
    if (follower.http === undefined) return result;
    try {
      const [matched, ...parameters] = result;
      if (matched.length === 0) return result;
      let followed = lists.get(matched);
      if (!followed || followed.length !== matched.length) {
        followed = matched.map((entry, index) => followedEntry(entry, index === matched.length - 1));
        lists.set(matched, followed);
      }
      return [followed, ...parameters];
    } catch {
      // Observing must not change what the service does.
      return result;
    }
  };
}

function follow(follower: Follower, handler: Handler, route: RegisteredRoute, isLast: boolean): Handler {
  return function followed(this: unknown, context, next) {
    const { http } = follower;
    let incoming: IncomingMessage | undefined;
    try {
      incoming = http && incomingOf(context);
      if (http && incoming) reach(http, incoming, context, route);
    } catch {
      // As above.
    }
    if (!http || !incoming) return handler.call(this, context, next);
    const request = incoming;
    const passing: typeof next = !isLast
      ? next
      : () => {
          tell(() => passOn(http, request, context));
          return next();
        };
    let result: unknown;
    try {
      result = handler.call(this, context, passing);
    } catch (error) {
      tell(() => http.recordError(request, error));
      throw error;
    }
    if (!(result instanceof Promise)) return result;
    return followPromise(
      result,
      () => recordHandled(http, request, context),
      (error) => http.recordError(request, error),
    );
  };
}

/** An app within the app has its own error handler. */
function recordHandled(http: PluginContext['http'], request: IncomingMessage, context: HonoContext): void {
  if (context.error !== undefined) http.recordError(request, context.error);
}

function tell(what: () => void): void {
  try {
    what();
  } catch {
    // As above.
  }
}
