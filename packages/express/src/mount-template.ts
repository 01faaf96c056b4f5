import { flatPaths, isList, matchingMember, mountText, unknownPath } from './declared-path.js';
import type { DeclaredPath, Layer, LayerConstructor } from './express-internals.js';
import { probeTemplates } from './path-from-matcher.js';
import { declaredPathOfExpression } from './path-from-regexp.js';

/** Shared by every copy of this package, so that a path remembered by one serves the others. */
const declaredMountPath = Symbol.for('throughline.express.mount-path');
const mountTemplate = Symbol('throughline.express.mount-template');

interface RememberingLayer extends Layer {
  [declaredMountPath]?: DeclaredPath;
  /** A template, or a function that returns it if it depends on the request. */
  [mountTemplate]?: string | ((mountPath: string) => string);
}

/**
 * Keeps the path with which layers were mounted, for those versions of Express whose layers forget it.
 *
 * @param args what `use` was called with; its first argument may be a path
 */
export function rememberMountPath(layers: readonly Layer[], args: readonly unknown[]): void {
  const path = args[0];
  if (!isDeclaredPath(path) || path === '/') return;
  const kept = isList(path) ? flatPaths(path) : path;
  for (const layer of layers) (layer as RememberingLayer)[declaredMountPath] = kept;
}

/** `use` takes lists of handlers too. */
function isDeclaredPath(value: unknown): value is DeclaredPath {
  if (Array.isArray(value)) return value.length > 0 && isDeclaredPath(value[0]);
  return typeof value === 'string' || value instanceof RegExp;
}

/**
 * The template under which a layer is mounted, such as `/orders/:id`.
 *
 * @param mountPath what it matched of the request's path, such as `/orders/7`
 */
export function templateOfMount(layer: Layer, mountPath: string): string {
  const remembering = layer as RememberingLayer;
  const template = remembering[mountTemplate];
  if (typeof template === 'string') return template;
  if (template !== undefined) return template(mountPath);
  remembering[mountTemplate] = createTemplate(remembering);
  return templateOfMount(layer, mountPath);
}

function createTemplate(layer: RememberingLayer): string | ((mountPath: string) => string) {
  const path = layer.rawPath ?? layer[declaredMountPath] ?? declaredPathOfExpression(layer);
  if (path === undefined) return layer.matchers ? probeTemplates(layer.matchers) : unknownPath;
  if (!isList(path)) return mountText(path);
  const options = { Layer: layer.constructor as LayerConstructor, end: false };
  return (mountPath) => mountText(matchingMember(layer, path, mountPath, options));
}
