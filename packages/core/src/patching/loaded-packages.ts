import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join, sep } from 'node:path';

export interface LoadedModule {
  exports: unknown;
  readonly loaded: boolean;
}

/** The parts of Node's CommonJS loader that the public types leave out; tools have relied on them since Node 0.x. */
interface ModuleCache {
  readonly _cache: Record<string, LoadedModule | undefined>;
  readonly _extensions: Record<'.js', (this: unknown, module: LoadedModule, file: string) => void>;
  readonly prototype: { load(this: LoadedModule, file: string): void };
}
export const commonJs = Module as unknown as ModuleCache;

/** One copy of a package on disk. */
export interface PackageCopy {
  readonly folder: string;
  readonly version: string | undefined;
  /** The file that requiring the package gives. */
  readonly mainFile: string | undefined;
}

const nodeModules = `${sep}node_modules${sep}`;

/** The package that a file belongs to, by the last `node_modules` folder in its path. */
export function packageNameOfFile(file: string): string | undefined {
  const start = file.lastIndexOf(nodeModules);
  if (start === -1) return undefined;
  const nameStart = start + nodeModules.length;
  if (file.charCodeAt(nameStart) === 46 /* . */) {
    const folder = storeFolder(file);
    return folder && nameInStore(folder);
  }
  let end = file.indexOf(sep, nameStart);
  if (file.charCodeAt(nameStart) === 64 /* @ */ && end !== -1) end = file.indexOf(sep, end + 1);
  return end === -1 ? undefined : file.slice(nameStart, end).replace(sep, '/');
}

const store = `${nodeModules}.store${sep}`;
const inStore = `${sep}package${sep}`;

/** Yarn's linker `pnpm` has packages in folders that do not have their name: `.store/pg-npm-8.23.1-0e1f/package`. */
function storeFolder(file: string): string | undefined {
  const start = file.lastIndexOf(store);
  const end = start === -1 ? -1 : file.indexOf(inStore, start);
  return end === -1 ? undefined : file.slice(0, end + inStore.length - 1);
}

const namesInStore = new Map<string, string | undefined>();

function nameInStore(folder: string): string | undefined {
  if (!namesInStore.has(folder)) namesInStore.set(folder, readManifest(folder).name);
  return namesInStore.get(folder);
}

let filesByPackage = new Map<string, string[]>();
let indexed = '';

/** The evaluated files of a package, of all its copies. */
export function loadedFiles(name: string): [file: string, module: LoadedModule][] {
  indexFiles();
  const found: [string, LoadedModule][] = [];
  for (const file of filesByPackage.get(name) ?? []) {
    const module = commonJs._cache[file];
    if (module?.loaded) found.push([file, module]);
  }
  return found;
}

function indexFiles(): void {
  // Start-up asks for a dozen packages in a row, in a cache of thousands of files: one pass serves them all.
  const files = Object.keys(commonJs._cache);
  const state = `${files.length} ${files.at(-1)}`;
  if (state !== indexed) {
    indexed = state;
    filesByPackage = new Map();
    for (const file of files) {
      const owner = packageNameOfFile(file);
      // A loaded package.json is not code.
      if (owner === undefined || file.endsWith('.json')) continue;
      const known = filesByPackage.get(owner);
      if (known) known.push(file);
      else filesByPackage.set(owner, [file]);
    }
  }
}

const copies = new Map<string, PackageCopy>();

/** The copy of a package that one of its files belongs to. */
export function copyOfFile(name: string, file: string): PackageCopy | undefined {
  const marker = `${nodeModules}${name.replace('/', sep)}${sep}`;
  const start = file.lastIndexOf(marker);
  const folder = start === -1 ? storeFolder(file) : file.slice(0, start + marker.length - 1);
  if (folder === undefined || (start === -1 && nameInStore(folder) !== name)) return undefined;
  let copy = copies.get(folder);
  if (!copy) {
    copy = { folder, version: readManifest(folder).version, mainFile: mainFile(name, folder) };
    copies.set(folder, copy);
  }
  return copy;
}

function readManifest(folder: string): { readonly name?: string; readonly version?: string } {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof version === 'string' ? { version } : {}),
    };
  } catch {
    return {};
  }
}

function mainFile(name: string, folder: string): string | undefined {
  const within = Module.createRequire(join(folder, 'package.json'));
  for (const request of [name, folder]) {
    try {
      // A package with an exports map can resolve its own name. Otherwise the folder's "main" counts.
      const file = within.resolve(request);
      if (file.startsWith(folder + sep)) return file;
    } catch {
      // Not exported to require, or no main: the next way may do.
    }
  }
  return undefined;
}

/** Whether a file is the one that an instrumentation names, for example `pg/lib/client.js` or `pg/lib/client`. */
export function isNamedFile(name: string, folder: string, file: string, fileName: string): boolean {
  const inner = fileName.startsWith(`${name}/`) ? fileName.slice(name.length + 1) : fileName;
  const relative = file.slice(folder.length + 1).replaceAll(sep, '/');
  return relative === inner || relative.replace(/(\/index)?\.[cm]?js$/, '') === inner;
}
