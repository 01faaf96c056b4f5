import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join, sep } from 'node:path';

/** The parts of Node's CommonJS loader that the public types leave out; stable since Node 0.x. */
export interface CommonJsLoader {
  _cache: Record<string, { exports: unknown; loaded: boolean } | undefined>;
  _load(request: string, parent: { filename?: string } | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: unknown, isMain: boolean): string;
}
export const commonJs = Module as unknown as CommonJsLoader;

/** One copy of a package on disk. */
export interface PackageCopy {
  readonly folder: string;
  readonly version: string | undefined;
}

const nodeModules = `${sep}node_modules${sep}`;

/** The package that a file belongs to, by the last `node_modules` folder in its path. */
export function packageNameOfFile(file: string): string | undefined {
  const start = file.lastIndexOf(nodeModules);
  if (start === -1) return undefined;
  const rest = file.slice(start + nodeModules.length);
  return leadingPackageName(rest, sep);
}

/** The package that a bare request such as `pg` or `@redis/client/dist/x` names. */
export function packageNameOfRequest(request: string): string | undefined {
  const first = request.charCodeAt(0);
  if (first === 46 /* . */ || first === 47 /* / */) return undefined;
  return leadingPackageName(request, '/');
}

function leadingPackageName(path: string, separator: string): string | undefined {
  let end = path.indexOf(separator);
  if (path.charCodeAt(0) === 64 /* @ */ && end !== -1) end = path.indexOf(separator, end + 1);
  const name = end === -1 ? path : path.slice(0, end);
  return separator === '/' ? name : name.replace(sep, '/');
}

/** Every copy of a package of which at least one file is loaded. */
export function loadedCopies(name: string): PackageCopy[] {
  const marker = `${nodeModules}${name.replace('/', sep)}${sep}`;
  const folders = new Set<string>();
  for (const file of Object.keys(commonJs._cache)) {
    const start = file.lastIndexOf(marker);
    if (start !== -1 && packageNameOfFile(file) === name)
      folders.add(file.slice(0, start + marker.length - 1));
  }
  return [...folders].map((folder) => ({ folder, version: readVersion(folder) }));
}

export function readVersion(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The file that `require(name)` gives for this copy. */
export function mainFile(name: string, folder: string): string | undefined {
  const within = Module.createRequire(join(folder, 'package.json'));
  for (const request of [name, folder]) {
    try {
      // A package may name itself where it has an exports map; otherwise the folder's "main" counts.
      const file = within.resolve(request);
      if (file.startsWith(folder + sep)) return file;
    } catch {
      // Not exported to require, or no main: the next way may do.
    }
  }
  return undefined;
}

/** Exports of a loaded file; undefined while it is still being evaluated. */
export function loadedExports(file: string): { get(): unknown; replace(exports: unknown): void } | undefined {
  const entry = commonJs._cache[file];
  if (!entry?.loaded) return undefined;
  return {
    get: () => entry.exports,
    replace: (exports) => {
      entry.exports = exports;
    },
  };
}

/** The file inside a copy that an instrumentation names, for example `pg/lib/client.js`. */
export function innerFile(name: string, folder: string, fileName: string): string | undefined {
  const inner = fileName.startsWith(`${name}/`) ? fileName.slice(name.length + 1) : fileName;
  const base = join(folder, inner);
  for (const candidate of [base, `${base}.js`, `${base}.cjs`, join(base, 'index.js')]) {
    if (commonJs._cache[candidate]) return candidate;
  }
  return undefined;
}
