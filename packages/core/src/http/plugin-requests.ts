import type { IncomingMessage } from 'node:http';
import type { HttpRequests } from '../plugin/http.js';
import { serverRequestOf } from './incoming.js';
import { pathOf, type ServerRequest } from './server-request.js';

/** What a framework plugin may say of a request; one that is not observed is ignored. */
export const httpRequests: HttpRequests = {
  setRoute(request, route) {
    const operation = serverRequestOf(request);
    if (!operation) return;
    const named = typeof route === 'string' ? route : undefined;
    if (operation.resolveRoute === undefined) operation.route = named;
    else operation.innerRoute = named === undefined ? undefined : mountOf(operation, request) + named;
  },
  setRouteResolver(request, resolve) {
    const operation = serverRequestOf(request);
    if (operation) operation.resolveRoute = resolve;
    return operation !== undefined;
  },
  recordError: (request, error) => serverRequestOf(request)?.recordError(error),
};

/**
 * Where a framework is mounted in another one whose route is found by a resolver: an Express app takes the mount path
 * off `url` and keeps all of it in `originalUrl`.
 */
function mountOf({ resolveRoute }: ServerRequest, request: IncomingMessage): string {
  const { originalUrl, url } = request as IncomingMessage & { readonly originalUrl?: unknown };
  if (typeof originalUrl !== 'string' || pathOf(originalUrl) === pathOf(url)) return '';
  try {
    const mount = resolveRoute?.(request);
    return typeof mount === 'string' ? mount.replace(/\/$/, '') : '';
  } catch {
    return '';
  }
}
