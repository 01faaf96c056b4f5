import type { IncomingMessage } from 'node:http';
import { exported, prototypeWith } from '@throughline/core/plugin';

// Internals of Koa 2 and 3 and of their routers, according to their sources.

export interface KoaContext {
  readonly req: IncomingMessage;
  /** The path that is left for this middleware: `koa-mount` takes its own off. */
  readonly path: string;
  readonly method: string;
  readonly originalUrl: string;
}

export type Next = () => Promise<unknown>;
export type Middleware = (context: KoaContext, next: Next) => unknown;

export interface Application {
  /** What the composed function of the app calls, entry by entry. */
  middleware: Middleware[];
}

export interface ApplicationPrototype extends Application {
  handleRequest(this: Application, context: KoaContext, run: (context: KoaContext) => unknown): unknown;
  use(this: Application, middleware: Middleware): unknown;
  callback(this: Application): unknown;
  /** Inherited from Node's EventEmitter. */
  emit(this: Application, ...args: unknown[]): boolean;
}

/** The object that the contexts of all apps inherit from. */
export interface ContextPrototype {
  onerror(this: KoaContext, error: unknown): unknown;
}

/** A path of a router, with the functions that it was declared with. */
export interface Layer {
  readonly path: string | RegExp;
  /** Empty for middleware of a router. */
  readonly methods: readonly string[];
  readonly stack: readonly Middleware[];
}

export interface MatchResult {
  readonly path: readonly Layer[];
  /** What runs, in this order. */
  pathAndMethod: readonly Layer[];
  /** Whether one of them is a route. */
  readonly route: boolean;
}

export interface RouterPrototype {
  match(this: unknown, path: string, method: string): MatchResult;
}

/** @param moduleExports what `require('koa')` or `import * as Koa` gave */
export function findKoa(moduleExports: unknown): {
  readonly application: ApplicationPrototype;
  readonly context: ContextPrototype;
} {
  const Koa = constructorOf(moduleExports);
  const application = prototypeWith(Koa?.prototype as ApplicationPrototype | undefined, [
    'handleRequest',
    'use',
  ]);
  if (!Koa || !application) throw new Error('it has no class like that of Koa 2 and 3');
  const app = new Koa() as { readonly context: object };
  const context = prototypeWith(app.context as ContextPrototype, ['onerror']);
  if (!context) throw new Error('its contexts are unlike those of Koa 2 and 3');
  return { application, context };
}

/** @param moduleExports what `require('@koa/router')` or `import * as router` gave */
export function findRouter(moduleExports: unknown): RouterPrototype {
  const Router = exported(moduleExports, 'Router') ?? constructorOf(moduleExports);
  const prototype: unknown = typeof Router === 'function' ? Router.prototype : undefined;
  const router = prototypeWith(prototype as RouterPrototype | undefined, ['match']);
  if (!router) throw new Error('it has no class like that of @koa/router');
  return router;
}

/** In the namespace of an ES module, or in a bundler's substitute for it, the class is the default export. */
function constructorOf(moduleExports: unknown): (new () => object) | undefined {
  if (typeof moduleExports === 'function') return moduleExports as new () => object;
  const inner = (moduleExports as { default?: unknown } | null | undefined)?.default;
  return inner === undefined ? undefined : constructorOf(inner);
}
