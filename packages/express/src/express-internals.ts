import type { IncomingMessage, ServerResponse } from 'node:http';

// Internals of Express 4 (lib/router) and of the package `router` 2.0 to 2.3, which Express 5 uses, according to their
// sources. Members that only some versions have are optional here.

/** A path as a service declares it: template, expression, or several of them. */
export type DeclaredPath = string | RegExp | readonly DeclaredPath[];

export interface ExpressRequest extends IncomingMessage {
  /** The part of the path, as the client sent it, that the mount paths of the routers around have taken. */
  baseUrl?: string;
  /** The route that matched last; set before its `router.param` callbacks run, and never reset. */
  route?: unknown;
}

/** What `next` hands on is an error, save for the two words that leave a route or a router. */
export type Next = (error?: unknown) => void;

export interface Route {
  readonly path: DeclaredPath;
  readonly stack: readonly unknown[];
}

/** One entry of a router's stack (middleware or route), or of a route's stack (handler). */
export interface Layer {
  /** An own property of a router's layers, undefined for middleware. */
  readonly route?: Route | undefined;
  /** An own property of a route's layers. */
  readonly method?: string | undefined;
  /** router 2.3: the declared path. */
  readonly rawPath?: DeclaredPath;
  /** router 2: one function for each declared path. */
  readonly matchers?: readonly Matcher[];
  /** Express 4: the expression made from the declared path, by path-to-regexp 0.1. */
  readonly regexp?: RegExp;
  readonly keys?: readonly { readonly name: string | number }[];
  match(path: string): unknown;
}

export type Matcher = (
  path: string,
) => false | { readonly path: string; readonly params: Readonly<Record<string, unknown>> };

export type LayerConstructor = new (
  path: DeclaredPath,
  options: { readonly end: boolean; readonly sensitive: boolean },
  handler: () => void,
) => Layer;

export interface LayerPrototype {
  readonly constructor: LayerConstructor;
  handle_request?: HandleRequest;
  handle_error?: HandleError;
  handleRequest?: HandleRequest;
  handleError?: HandleError;
}
export type HandleRequest = (this: Layer, req: ExpressRequest, res: ServerResponse, next: Next) => unknown;
export type HandleError = (
  this: Layer,
  error: unknown,
  req: ExpressRequest,
  res: ServerResponse,
  next: Next,
) => unknown;

export interface RouterPrototype {
  handle(this: unknown, req: ExpressRequest, res: ServerResponse, callback: Next): unknown;
  use(this: { readonly stack: readonly Layer[] }, ...args: unknown[]): unknown;
}

export interface ExpressPrototypes {
  readonly router: RouterPrototype;
  readonly layer: LayerPrototype;
  /** Whether layers keep the path that they were declared with. */
  readonly layersKeepPath: boolean;
}

/**
 * The prototypes that every app and router of one copy of Express shares. They are found from outside, by
 * looking at a router made for it, because neither version exports them.
 *
 * @param moduleExports what `require('express')` or `import * as express` gave
 */
export function findPrototypes(moduleExports: unknown): ExpressPrototypes {
  const { Router } = withDefault(moduleExports);
  if (typeof Router !== 'function') throw new Error('it has no Router');
  const probe = Router();
  probe.use(function probe() {});
  const [layer] = probe.stack;
  // Another agent may have replaced a method on the instance. The methods that all routers share are on its prototype.
  const router = ownerOf(Object.getPrototypeOf(probe), 'handle') as RouterPrototype | undefined;
  if (!router || !layer) throw new Error('its routers are unlike those of Express 4 and 5');
  return { router, layer: Object.getPrototypeOf(layer), layersKeepPath: 'rawPath' in layer };
}

/** In the namespace of an ES module, or in a bundler's substitute for it, Express is the default export. */
function withDefault(moduleExports: unknown): { Router?: unknown } {
  if (typeof moduleExports === 'function') return moduleExports as { Router?: unknown };
  const inner = (moduleExports as { default?: unknown } | null | undefined)?.default;
  return inner === undefined ? ((moduleExports ?? {}) as object) : withDefault(inner);
}

function ownerOf(object: object, method: string): object | undefined {
  let owner: object | null = object;
  while (owner && !Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner);
  return owner ?? undefined;
}

export function isRoute(value: unknown): value is Route {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
    ? 'path' in value && Array.isArray((value as Partial<Route>).stack)
    : false;
}
