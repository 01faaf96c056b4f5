import type { KoaContext } from './koa-internals.js';

const mountPaths = Symbol('throughline.koa.mount-paths');

interface Mounted {
  [mountPaths]?: unknown[];
}

/** `koa-mount` writes the path of each mount that a request enters into the same property. */
export function rememberMountPath(context: KoaContext & Mounted, path: unknown): void {
  const known = context[mountPaths];
  if (known) known.push(path);
  else context[mountPaths] = [path];
}

export function rememberedMountPath(context: KoaContext & Mounted): unknown {
  return context[mountPaths]?.at(-1);
}

/**
 * The mount paths that have been taken off the path of a request, such as `/api/v1`. Something else may have changed the
 * path: what it took off may be an id, and is no part of a route.
 */
export function mountPrefix(context: KoaContext & Mounted): string {
  const known = context[mountPaths];
  if (!known) return '';
  const full = context.originalUrl.split(/[?#]/, 1)[0] as string;
  const { path } = context;
  const rest = path === '/' && !full.endsWith('/') ? '' : path;
  if (!full.endsWith(rest)) return '';
  let taken = full.slice(0, full.length - rest.length);
  const prefix = taken;
  for (const mount of known) {
    const text = String(mount).replace(/\/$/, '');
    if (text !== '' && taken.startsWith(text)) taken = taken.slice(text.length);
  }
  return taken === '' ? prefix : '';
}
