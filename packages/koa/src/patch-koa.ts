import { type Patch, type PluginContext, patchOnce } from '@throughline/core/plugin';
import { followMiddleware } from './follow-middleware.js';
import {
  type Application,
  type ContextPrototype,
  findKoa,
  type KoaContext,
  type Middleware,
} from './koa-internals.js';
import { rememberedMountPath, rememberMountPath } from './mount-paths.js';

type Http = PluginContext['http'];

/**
 * Patches the prototypes behind all apps of one copy of Koa, existing or not yet made. Nothing that goes wrong in the
 * patches reaches the service.
 *
 * @returns removes the patches
 */
export function patchKoa(moduleExports: unknown, http: Http): () => void {
  const { application, context } = findKoa(moduleExports);
  return patchOnce(application, 'koa', (patch) => {
    const apps = followApps(http, patch);
    patch.replace(
      application,
      'handleRequest',
      (original) =>
        function handleRequest(this: Application, ...args) {
          if (patch.active) apps.follow(this);
          return original.apply(this, args);
        },
    );
    // An app that is mounted in another one does not get requests by itself.
    patch.replace(
      application,
      'use',
      (original) =>
        function use(this: Application, ...args) {
          const result = original.apply(this, args);
          if (patch.active) apps.follow(this);
          return result;
        },
    );
    patch.replace(
      application,
      'callback',
      (original) =>
        function callback(this: Application) {
          if (patch.active) apps.follow(this);
          return original.call(this);
        },
    );
    // Error handlers of services tell the app of an error that they have answered.
    patch.replace(
      application,
      'emit',
      (original) =>
        function emit(this: Application, ...args) {
          try {
            if (patch.active) recordEmitted(http, args);
          } catch {
            // Observing must not change what the service does.
          }
          return original.apply(this, args);
        },
    );
    // What leaves the app, and what goes wrong while a stream is sent.
    patch.replace(
      context,
      'onerror',
      (original) =>
        function onerror(this: KoaContext, error) {
          try {
            if (patch.active && error !== null && error !== undefined) http.recordError(this.req, error);
          } catch {
            // Observing must not change what the service does.
          }
          return original.call(this, error);
        },
    );
    observeMountPaths(context, patch);
  });
}

/** Koa's event has an error and the context of its request. */
function recordEmitted(http: Http, [event, error, context]: readonly unknown[]): void {
  const request = event === 'error' ? (context as Partial<KoaContext> | undefined)?.req : undefined;
  if (request && error !== undefined && error !== null) http.recordError(request, error);
}

/**
 * Follows the middleware of apps, so that an error is seen where it is thrown: middleware around it may answer. The
 * entries of `app.middleware` are replaced, and put back at the end. In an app that is listening already this has an effect
 * with koa-compose 4.1 only, which takes each entry from there when a request comes; 4.2 has a list of its own.
 */
function followApps(http: Http, patch: Patch): { follow(app: Application): void } {
  const originals = new WeakMap<Middleware, Middleware>();
  const counts = new WeakMap<readonly Middleware[], number>();
  const apps = new Set<WeakRef<Application>>();
  const known = new WeakSet<Application>();
  const listener = {
    isActive: () => patch.active,
    failed: (context: KoaContext, error: unknown) => http.recordError(context.req, error),
  };
  patch.onUndo(() => {
    for (const reference of apps) {
      const middleware = reference.deref()?.middleware;
      if (!Array.isArray(middleware)) continue;
      try {
        for (const [index, entry] of middleware.entries()) middleware[index] = originals.get(entry) ?? entry;
      } catch {
        // A list that was frozen later: its functions only call the originals from now on.
      }
    }
  });
  const follow = (app: Application) => {
    const { middleware } = app;
    if (!Array.isArray(middleware) || counts.get(middleware) === middleware.length) return;
    if (!known.has(app)) {
      known.add(app);
      apps.add(new WeakRef(app));
    }
    for (const [index, entry] of middleware.entries()) {
      if (typeof entry !== 'function' || originals.has(entry)) continue;
      const followed = followMiddleware(entry, listener);
      originals.set(followed, entry);
      middleware[index] = followed;
    }
    counts.set(middleware, middleware.length);
  };
  return {
    follow(app) {
      try {
        follow(app);
      } catch {
        // The list may be frozen: then only errors that leave the app are seen.
      }
    },
  };
}

/** `koa-mount` says on the context where an app is mounted. */
function observeMountPaths(context: ContextPrototype, patch: Patch): void {
  if ('mountPath' in context) return;
  Object.defineProperty(context, 'mountPath', {
    configurable: true,
    enumerable: false,
    get(this: KoaContext) {
      return rememberedMountPath(this);
    },
    set(this: KoaContext, path: unknown) {
      rememberMountPath(this, path);
    },
  });
  patch.onUndo(() => Reflect.deleteProperty(context, 'mountPath'));
}
