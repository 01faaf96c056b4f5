import { type PluginContext, patchOnce } from '@throughline/core/plugin';
import { findPrototypes } from './express-internals.js';
import { followErrors, followRequests } from './patch-layer.js';
import { followRouter, rememberMountPaths } from './patch-router.js';

/**
 * Patches the prototypes behind every app and router of one copy of Express, existing or not yet made. The
 * patched methods run for every layer of every request: they allocate nothing for a layer, and an object and a
 * closure for a router. Nothing that goes wrong in them reaches the service.
 *
 * @returns removes the patches
 */
export function patchExpress(moduleExports: unknown, http: PluginContext['http']): () => void {
  const { router, layer, layersKeepPath } = findPrototypes(moduleExports);
  // Copies of Express may share one copy of the package `router`.
  return patchOnce(layer, 'express', (patch) => {
    const [handleRequest, handleError] = layer.handleRequest
      ? (['handleRequest', 'handleError'] as const)
      : (['handle_request', 'handle_error'] as const);
    patch.replace(layer, handleRequest, (original) => followRequests(original, patch));
    patch.replace(layer, handleError, (original) => followErrors(original, http, patch));
    patch.replace(router, 'handle', (original) => followRouter(original, layer, http, patch));
    if (!layersKeepPath) patch.replace(router, 'use', rememberMountPaths);
  });
}
