import type { IncomingMessage } from 'node:http';
import type { DeclaredRoute, FoundRoute, RouteHandler, Router } from './fastify-internals.js';

interface Index {
  readonly routes: readonly DeclaredRoute[];
  readonly count: number;
  readonly byHandler: ReadonlyMap<RouteHandler, readonly DeclaredRoute[]>;
}

const indexes = new WeakMap<Router, Index>();

/**
 * The path of the route that was found, as it was declared. What the router finds does not name it, so it is
 * looked up by its handler; if several routes share the handler, also by the names of the parameters and by the path.
 */
export function declaredPathOf(
  router: Router,
  found: FoundRoute,
  request: IncomingMessage,
): string | undefined {
  const routes = (indexOf(router).byHandler.get(found.handler) ?? []).filter(
    ({ method, store }) => method === request.method && (store || null) === found.store,
  );
  const paths = new Set(routes.map(({ path }) => path));
  if (paths.size < 2) return routes[0]?.path;
  const names = Object.keys(found.params).join('/');
  const candidates = [...paths].filter((path) => parameterNames(path).join('/') === names);
  if (candidates.length < 2) return candidates[0];
  const pathname = (request.url ?? '/').split(/[?#]/, 1)[0] as string;
  return candidates.find((path) => patternOf(path).test(pathname));
}

function indexOf(router: Router): Index {
  const { routes } = router;
  const known = indexes.get(router);
  // `reset` and `off` make a new list.
  if (known && known.routes === routes && known.count === routes.length) return known;
  const byHandler = new Map<RouteHandler, DeclaredRoute[]>();
  for (const route of routes) {
    const others = byHandler.get(route.handler);
    if (others) others.push(route);
    else byHandler.set(route.handler, [route]);
  }
  const index = { routes, count: routes.length, byHandler };
  indexes.set(router, index);
  return index;
}

/** A parameter, with its expression if it has one; `::` is a colon. */
const parameter = /::|:(\w+)(\((?:[^()]|\([^()]*\))*\))?\??|\*/g;

function parameterNames(path: string): string[] {
  return [...path.matchAll(parameter)].flatMap(([text, name]) =>
    text === '::' ? [] : [text === '*' ? '*' : (name as string)],
  );
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (!pattern) {
    const source = path
      .replace(parameter, (text) => (text === '::' ? ':' : text === '*' ? '\0' : '\u0001'))
      .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      .replaceAll('\0', '.*')
      .replaceAll('\u0001', '[^/]+?');
    pattern = new RegExp(`^${source}/?$`, 'is');
    patterns.set(path, pattern);
  }
  return pattern;
}
