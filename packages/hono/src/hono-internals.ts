import type { IncomingMessage, ServerResponse } from 'node:http';
import { exported } from '@throughline/core/plugin';

// Internals of Hono 4, according to its source. Members that only some versions have are optional here.

/** What Hono keeps of a route or of middleware. */
export interface RegisteredRoute {
  readonly path: string;
  /** `ALL` for `app.use`, `app.all` and `app.mount`. */
  readonly method: string;
}

export type Next = () => Promise<void>;
export type Handler = (context: HonoContext, next: Next) => unknown;

/** A handler that matches a request, with the parameters that it gets. */
type Matched = readonly [handler: readonly [Handler, RegisteredRoute], parameters: unknown];

/** What a router finds: all middleware and handlers that match, in the order in which they run. */
export type MatchResult = readonly [matched: readonly Matched[], ...parameters: unknown[]];

export type Match = (method: string, path: string) => MatchResult;

export interface HonoContext {
  /** Of `@hono/node-server`. Other adapters have another one, or none. */
  readonly env?: { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse };
  readonly req: HonoRequest;
  /** What a handler has thrown, when an error handler gets it. */
  error?: unknown;
}

export interface HonoRequest {
  /** Index of the handler that was called last. */
  readonly routeIndex: number;
  readonly matchedRoutes: readonly RegisteredRoute[];
}

/** A router that has chosen one of others has a `match` of its own. */
export interface SmartRouter {
  match: Match;
}

export interface HonoPrototypes {
  /** The router of an app that is made without the option `router`. */
  readonly router: SmartRouter;
  /** Older versions ask it for every request, whichever router the app has. */
  readonly app: { matchRoute?: Match };
  /** Newer versions have a getter `req` there. */
  readonly context: object;
}

/**
 * The prototypes that all apps of one copy of Hono share. They are found from outside, by looking at an app that is made
 * for it, because Hono does not export them.
 *
 * @param moduleExports what `require('hono')` or `import * as hono` gave
 */
export function findPrototypes(moduleExports: unknown): HonoPrototypes {
  const Hono = exported(moduleExports, 'Hono') as (new () => ProbedApp) | undefined;
  if (typeof Hono !== 'function') throw new Error('it has no class Hono');
  const app = new Hono();
  let context: object | undefined;
  app.get('/', (current) => {
    context = current;
    return new Response();
  });
  app.fetch(new Request('http://localhost/'));
  const router = ownerOf(Object.getPrototypeOf(app.router), 'match');
  if (!context || !router) throw new Error('its apps are unlike those of Hono 4');
  return {
    router: router as SmartRouter,
    app: (ownerOf(app, 'matchRoute') ?? {}) as { matchRoute?: Match },
    context: Object.getPrototypeOf(context),
  };
}

interface ProbedApp {
  readonly router: object;
  get(path: string, handler: (context: object) => Response): unknown;
  fetch(request: Request): unknown;
}

function ownerOf(object: object, method: string): object | undefined {
  let owner: object | null = object;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}
