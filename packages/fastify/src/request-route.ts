import type { IncomingMessage } from 'node:http';
import type { PluginContext } from '@throughline/core/plugin';
import type { RouteContext } from './fastify-internals.js';

const state = Symbol('throughline.fastify.request');

interface Followed {
  /** Whether an error has been sent. Undefined: the request has not come to Fastify yet. */
  [state]?: boolean;
}

/**
 * Names the route that Fastify has found. Only the first one counts: a handler that calls `reply.callNotFound()` still is the
 * one that the request came to.
 */
export function nameRoute(
  http: PluginContext['http'],
  request: IncomingMessage & Followed,
  context: RouteContext | undefined,
): void {
  if (request[state] !== undefined) return;
  request[state] = false;
  const url = context?.config?.url;
  if (typeof url === 'string') http.setRoute(request, url === '' ? '/' : url);
}

export function markFailing(request: IncomingMessage & Followed): void {
  request[state] = true;
}

/** Whether the request has come to Fastify. */
export function isFollowed(request: object): boolean {
  return state in request;
}

/** Whether Fastify is passing an error on to the error handlers of the service. */
export function isFailing(request: IncomingMessage & Followed): boolean {
  return request[state] === true;
}
