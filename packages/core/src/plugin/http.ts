import type { IncomingMessage } from 'node:http';

/** How a framework plugin adds to the HTTP server span and metric of a request. */
export interface HttpRequests {
  /**
   * Names the route of a request: a template such as `/orders/:id`, never the path itself. `undefined` takes
   * the name back, for a request that matched no route after all. Unknown requests are ignored.
   */
  setRoute(request: IncomingMessage, route: string | undefined): void;
  /**
   * Like {@link HttpRequests.setRoute}, but called once, when the response ends. It is for frameworks in which it is
   * cheaper to find the route then.
   *
   * @returns whether the request is observed; false for ignored paths and unknown requests
   */
  setRouteResolver(
    request: IncomingMessage,
    resolve: (request: IncomingMessage) => string | undefined,
  ): boolean;
  /**
   * Records an error that a handler threw or passed on: an exception event on the span, and `error.type` on
   * span and metric. The same error counts once per request.
   */
  recordError(request: IncomingMessage, error: unknown): void;
}
