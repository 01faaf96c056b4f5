import type { IncomingMessage, ServerResponse } from 'node:http';
import { exported } from '@throughline/core/plugin';

// Internals of Fastify 4 and 5 and of the router find-my-way, according to their sources. Members that only some
// versions have are optional here.

/** What Fastify keeps of a route, or of a handler for requests that match none. */
export interface RouteContext {
  /** The URL of the route, with prefixes. Handlers for requests without a route have none. */
  readonly config?: { readonly url?: string };
}

export interface FastifyRequest {
  readonly raw: IncomingMessage;
}

export interface FastifyReply {
  readonly request: FastifyRequest;
  /** Fastify before 4.10. */
  readonly context?: RouteContext;
}

export interface ReplyPrototype {
  send(this: FastifyReply, payload: unknown): unknown;
  hijack(this: FastifyReply): unknown;
}

/** Fastify 5.9 and newer: every request comes to it before the first hook. */
export interface LogControllerPrototype {
  incomingRequest(request: FastifyRequest, reply: FastifyReply, ...rest: unknown[]): unknown;
}

export interface FastifyPrototypes {
  readonly reply: ReplyPrototype;
  readonly logController: LogControllerPrototype | undefined;
  /** Whether what is sent next is an error, even if it is no Error object. */
  readonly isError: (reply: FastifyReply) => boolean;
  readonly contextOf: (reply: FastifyReply) => RouteContext | undefined;
}

/**
 * The prototypes that all apps of one copy of Fastify share. They are found from outside, by looking at an app that is
 * made for it and never started, because Fastify does not export them.
 *
 * @param moduleExports what `require('fastify')` or `import * as fastify` gave
 */
export function findPrototypes(moduleExports: unknown): FastifyPrototypes {
  const create = exported(moduleExports, 'fastify') ?? moduleExports;
  if (typeof create !== 'function') throw new Error('it has no function fastify');
  const app: object = create();
  const Reply = memberWith(app, 'fastify.Reply') as
    | (new (
        response: unknown,
        request: unknown,
        log: unknown,
      ) => object)
    | undefined;
  if (typeof Reply !== 'function') throw new Error('its apps are unlike those of Fastify 4 and 5');
  const reply = ownerOf(Reply.prototype, 'send') as ReplyPrototype | undefined;
  const isError = symbolOf(new Reply({}, {}, undefined), 'fastify.reply.isError');
  if (!reply || !isError) throw new Error('its replies are unlike those of Fastify 4 and 5');
  const context = symbolOf(reply, 'fastify.context');
  const controller = memberWith(app, 'fastify.logController') as object | undefined;
  return {
    reply,
    logController:
      controller && (ownerOf(controller, 'incomingRequest') as LogControllerPrototype | undefined),
    isError: (each) => Reflect.get(each, isError) === true,
    contextOf: (each) => (context === undefined ? each.context : Reflect.get(each, context)),
  };
}

function memberWith(object: object, description: string): unknown {
  const symbol = symbolOf(object, description);
  return symbol === undefined ? undefined : Reflect.get(object, symbol);
}

/** The symbols of Fastify are not exported. Their descriptions have been the same since Fastify 4. */
function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}

function ownerOf(object: object, method: string): object | undefined {
  let owner: object | null = object;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}

export interface FoundRoute {
  readonly handler: RouteHandler;
  readonly params: object;
  /** A service's own value; Fastify's {@link RouteContext}. */
  readonly store: unknown;
}

export type RouteHandler = (this: unknown, request: IncomingMessage, response: ServerResponse) => unknown;

/** A route of find-my-way, as declared. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: RouteHandler;
  readonly store: unknown;
}

export interface Router {
  readonly routes: readonly DeclaredRoute[];
}

type Lookup = (
  this: Router,
  request: IncomingMessage,
  response: ServerResponse,
  context?: unknown,
  done?: unknown,
) => unknown;

export interface RouterPrototype {
  /** From find-my-way 7.4 on. */
  callHandler?(
    this: Router,
    found: FoundRoute | null,
    request: IncomingMessage,
    response: ServerResponse,
    context: unknown,
  ): unknown;
  readonly lookup: Lookup;
  /** find-my-way 9.10 and newer: takes the place of `lookup` in a router that is compiled. */
  _lookupCompiled?: Lookup;
}
