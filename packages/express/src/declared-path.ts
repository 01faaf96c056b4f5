import type { DeclaredPath, Layer, LayerConstructor } from './express-internals.js';

/** Replaces a mount path that cannot be determined, so that its values do not create many series. */
export const unknownPath = '/*';

const maxMembersNamed = 8;

/** The path as a person wrote it; several as `(a|b)`. */
export function pathText(path: DeclaredPath): string {
  if (!isList(path)) return String(path);
  const members = flatPaths(path).map(String);
  const named = members.slice(0, maxMembersNamed).join('|');
  return members.length > maxMembersNamed ? `(${named}|…)` : `(${named})`;
}

/** Express takes lists within lists. */
export function flatPaths(paths: readonly DeclaredPath[]): (string | RegExp)[] {
  return paths.flatMap((path) => (isList(path) ? flatPaths(path) : [path]));
}

export function isList(path: DeclaredPath): path is readonly DeclaredPath[] {
  return Array.isArray(path);
}

/** Express takes a mount path with and without a slash at its end for the same. */
export function mountText(path: DeclaredPath): string {
  return typeof path === 'string' ? path.replace(/\/+$/, '') : pathText(path);
}

/** Paths that were joined before, by mount and path: what reads a text later looks up the same one each time. */
const joinedPaths = new Map<string, Map<string, string>>();
const maxJoinedPaths = 2_000;
const maxJoinedLength = 256;
let joinedCount = 0;

/** `/api` and `/orders/:id` give `/api/orders/:id`; `/api` and `/` give `/api`, the path that clients request. */
export function joinPaths(mount: string, path: string): string {
  if (mount === '') return path;
  if (path === '/') return mount;
  let byPath = joinedPaths.get(mount);
  const known = byPath?.get(path);
  if (known !== undefined) return known;
  const joined = mount + path;
  if (joinedCount < maxJoinedPaths && joined.length <= maxJoinedLength) {
    joinedCount++;
    // Copies: a mount may be a part of the URL, and would keep the whole of it alive.
    byPath ??= new Map();
    joinedPaths.set(copyOf(mount), byPath.set(copyOf(path), copyOf(joined)));
  }
  return joined;
}

function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** Path of a request target without its query. */
export function pathnameOf(url: string | undefined): string {
  if (!url) return '/';
  if (url.charCodeAt(0) !== 47 /* / */) {
    // The absolute form, as proxies are asked (RFC 9112, 3.2.2).
    return URL.canParse(url) ? new URL(url).pathname : url;
  }
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

interface PathMember {
  readonly path: string | RegExp;
  readonly layer: Layer;
}

/** By the layer or route that was declared with several paths. */
const membersOf = new WeakMap<object, readonly PathMember[]>();

/**
 * Which of several declared paths a request took. Express 4 makes one expression of all of them, so each is
 * tried alone, in the order in which Express tries them.
 */
export function matchingMember(
  owner: object,
  paths: readonly DeclaredPath[],
  pathname: string,
  options: { readonly Layer: LayerConstructor; readonly end: boolean },
): DeclaredPath {
  let members = membersOf.get(owner);
  if (!members) {
    members = createMembers(paths, options);
    membersOf.set(owner, members);
  }
  for (const { layer, path } of members) {
    if (matches(layer, pathname)) return path;
  }
  return paths;
}

function createMembers(
  paths: readonly DeclaredPath[],
  { Layer, end }: { readonly Layer: LayerConstructor; readonly end: boolean },
): readonly PathMember[] {
  try {
    return flatPaths(paths).map((path) => ({
      path,
      layer: new Layer(
        // A copy: matching with a global or sticky expression moves its lastIndex, which the service relies on.
        path instanceof RegExp ? new RegExp(path.source, path.flags.replace(/[gy]/g, '')) : path,
        { end, sensitive: false },
        () => {},
      ),
    }));
  } catch {
    return [];
  }
}

function matches(layer: Layer, pathname: string): boolean {
  try {
    return Boolean(layer.match(pathname));
  } catch {
    return false;
  }
}
