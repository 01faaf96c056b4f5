import type { IncomingMessage } from 'node:http';
import type { PluginContext } from '@throughline/core/plugin';
import type { HonoContext, RegisteredRoute } from './hono-internals.js';

type Http = PluginContext['http'];

const state = Symbol('throughline.hono.request');

/** How far a request has come. */
interface RequestState {
  /** Of the app to which the request came first. An app that is mounted in it has another one. */
  readonly context: HonoContext;
  /** The route or middleware of that app that was reached last. */
  reached: RegisteredRoute | undefined;
}

interface Followed {
  [state]?: RequestState;
}

/** Node's request, if Hono got it from `@hono/node-server`. */
export function incomingOf(context: HonoContext): (IncomingMessage & Followed) | undefined {
  const incoming = context.env?.incoming;
  return typeof incoming === 'object' && incoming !== null ? incoming : undefined;
}

/** A handler or middleware is about to run. */
export function reach(
  http: Http,
  incoming: IncomingMessage & Followed,
  context: HonoContext,
  route: RegisteredRoute,
): void {
  incoming[state] ??= { context, reached: undefined };
  const request = incoming[state];
  if (request.context === context) {
    request.reached = route;
    http.setRoute(incoming, routeName(route));
    return;
  }
  const mount = mountPath(request.reached);
  if (mount === undefined) return;
  const name = routeName(route);
  http.setRoute(incoming, name === undefined ? routeName(request.reached) : joined(mount, name));
}

/** The last one that matches has called `next`: nothing else does. */
export function passOn(http: Http, incoming: IncomingMessage & Followed, context: HonoContext): void {
  const request = incoming[state];
  if (request === undefined) return;
  if (request.context !== context) {
    http.setRoute(incoming, routeName(request.reached));
    return;
  }
  request.reached = undefined;
  http.setRoute(incoming, undefined);
}

/** Whether an app has this request already. */
export function isFollowed(incoming: IncomingMessage & Followed): boolean {
  return incoming[state] !== undefined;
}

/** Middleware for all requests, `app.use(…)`, is no route. */
function routeName(route: RegisteredRoute | undefined): string | undefined {
  return route === undefined || (route.method === 'ALL' && isEverything(route.path)) ? undefined : route.path;
}

export function lateRouteName(route: RegisteredRoute | undefined, statusCode: number | undefined) {
  // It is not known whether middleware under a path has answered, or passed the request on to nothing.
  return route?.method === 'ALL' && statusCode === 404 ? undefined : routeName(route);
}

const isEverything = (path: string) => path === '/*' || path === '*';

/** `/legacy` for an app that is mounted with `app.mount('/legacy', …)`. */
function mountPath(route: RegisteredRoute | undefined): string | undefined {
  return route?.method === 'ALL' && route.path.endsWith('*') ? route.path.replace(/\/?\*$/, '') : undefined;
}

const joined = (mount: string, path: string) => (path === '/' && mount !== '' ? mount : mount + path);
