import { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import { ObservabilityError } from '../model/errors.js';
import { isObserved, serverRequestOf } from './incoming.js';

/** A request as Node's servers give it: of `http`, `https` or `http2`, or a stream of `http2`. */
export type RoutedRequest = IncomingMessage | Http2ServerRequest | ServerHttp2Stream;

/** Names the route of a request for a service that has its own router. */
export type NameRoute = (request: RoutedRequest, route: string) => void;

/** Routes are templates that a person wrote. More than this many are paths with ids in them. */
const maxRoutes = 1_000;
const maxLength = 256;

type Mistake = 'value' | 'request' | 'ended' | 'number';

/**
 * Names routes, and never throws: each kind of mistake is reported once, and the request is served without a route.
 */
export function createRouteNaming(report: (error: ObservabilityError) => void): NameRoute {
  const known = new Set<string>();
  const reported = new Set<Mistake>();

  const wrong = (mistake: Mistake, detail: string, fix: string) => {
    if (reported.has(mistake)) return;
    reported.add(mistake);
    report(new ObservabilityError('OBS_ROUTE_NOT_RECORDED', `observability.route() ${detail}`, { fix }));
  };

  return (request, route) => {
    if (typeof route !== 'string' || route.trim() === '' || route.length > maxLength) {
      return wrong('value', `got ${describe(route)} as route.`, templateFix);
    }
    const operation = observedRequest(request);
    if (!operation) {
      // A path that is ignored, or a request that came before init.
      if (isKnownRequest(request)) return;
      return wrong(
        'request',
        'was called with something that is not a request of Node.',
        'Pass the request of Node: `request.raw` in Fastify, `ctx.req` in Koa, `c.env.incoming` in Hono.',
      );
    }
    if (operation.isOver) {
      return wrong(
        'ended',
        `was called for '${route}' after the response had ended.`,
        'Call it as soon as the router has found the route.',
      );
    }
    if (!known.has(route)) {
      if (known.size >= maxRoutes) {
        return wrong(
          'number',
          `got more than ${maxRoutes} different routes. New ones, such as '${route.slice(0, 64)}', are not recorded.`,
          templateFix,
        );
      }
      known.add(route);
    }
    operation.namedRoute = route;
  };
}

const templateFix =
  "Pass the template of the route, for example '/orders/:id', and never the path of the request.";

function describe(route: unknown): string {
  if (typeof route !== 'string') return `a value of type ${route === null ? 'null' : typeof route}`;
  return route.length > maxLength ? `${route.length} characters (at most ${maxLength})` : 'an empty text';
}

function observedRequest(request: unknown) {
  try {
    return serverRequestOf(request as IncomingMessage);
  } catch {
    // Nothing, or an object that cannot be looked at.
    return undefined;
  }
}

function isKnownRequest(request: unknown): boolean {
  try {
    return request instanceof IncomingMessage || isObserved(request as object);
  } catch {
    return false;
  }
}
