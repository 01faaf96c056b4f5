import type { PluginContext } from '@throughline/core/plugin';
import type { ActivePatch } from './active-patch.js';
import { findPrototypes } from './express-internals.js';
import { followErrors, followRequests } from './followed-layer.js';
import { followRouter, rememberMountPaths } from './followed-router.js';
import { replaceMethod } from './replaced-method.js';

/** Kept on a patched prototype, so that no second plugin or copy of this package patches it again. */
const patched = Symbol.for('throughline.express.patched');

/**
 * Patches the prototypes behind every app and router of one copy of Express, existing or not yet made. The
 * patched methods run for every layer of every request: they allocate nothing for a layer, and an object and a
 * closure for a router. Nothing that goes wrong in them reaches the service.
 *
 * @param onRequest called when a request comes to Express, before any handler of it runs
 * @returns takes the patches back
 */
export function patchExpress(
  moduleExports: unknown,
  http: PluginContext['http'],
  onRequest?: () => void,
): () => void {
  const { router, layer, layersKeepPath } = findPrototypes(moduleExports);
  // Copies of Express may share one copy of the package `router`.
  if (Object.hasOwn(layer, patched)) return () => {};

  const patch: ActivePatch = { http, onRequest, active: true };
  const restores: (() => void)[] = [];
  const undo = () => {
    patch.active = false;
    for (const restore of restores.splice(0)) restore();
  };
  try {
    Object.defineProperty(layer, patched, { value: true, configurable: true });
    restores.push(() => Reflect.deleteProperty(layer, patched));
    const [handleRequest, handleError] = layer.handleRequest
      ? (['handleRequest', 'handleError'] as const)
      : (['handle_request', 'handle_error'] as const);
    restores.push(replaceMethod(layer, handleRequest, (original) => followRequests(original, patch)));
    restores.push(replaceMethod(layer, handleError, (original) => followErrors(original, patch)));
    restores.push(replaceMethod(router, 'handle', (original) => followRouter(original, layer, patch)));
    if (!layersKeepPath) restores.push(replaceMethod(router, 'use', rememberMountPaths));
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}
