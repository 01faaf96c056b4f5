import type { HttpRequests } from '../plugin/http.js';
import { serverRequestOf } from './incoming.js';

/** What a framework plugin may say of a request; one that is not observed is ignored. */
export const httpRequests: HttpRequests = {
  setRoute(request, route) {
    const operation = serverRequestOf(request);
    if (operation) operation.route = route;
  },
  setRouteResolver(request, resolve) {
    const operation = serverRequestOf(request);
    if (operation) operation.resolveRoute = resolve;
    return operation !== undefined;
  },
  recordError: (request, error) => serverRequestOf(request)?.recordError(error),
};
