import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { foldersOfScript } from '../model/package-folder.js';
import { workingDirectory } from '../model/working-directory.js';

/** Maximum number of attempts to require a module. It cannot be required while it is loading. */
const maxAttempts = 3;

/** What is patched when an ES module of a package is there. */
export interface AwaitedEsModule {
  /** Name of the package. */
  readonly name: string;
  /** A file inside the package. Default: its main file. */
  readonly file?: string | undefined;
  readonly isSupported: (version: string | undefined) => boolean;
  /** The service has an ES module of the package whose version is not supported. */
  readonly onUnsupported?: (copy: { readonly version: string | undefined; readonly folder: string }) => void;
  /** Whether the service has loaded the package; asked before the package is. */
  readonly isLoaded: () => boolean;
  /** Gets the module's exports. */
  readonly patch: (
    moduleExports: object,
    copy: { readonly version: string | undefined; readonly folder: string },
  ) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Patches ES modules, which no cache shows, when the first request or message comes. By then the service has loaded
 * them, and asking for one gives the same module. Asking earlier could break the service: Node does not let it
 * require what is being imported (`ERR_REQUIRE_ESM_RACE_CONDITION`).
 */
export interface EsModules {
  /**
   * @param folders where to look for the service's package.json, there and upwards. Default: the folder of the service,
   *   the working directory, and the folder of the script that was started
   * @returns stops waiting
   */
  await(awaited: AwaitedEsModule, folders?: readonly string[]): () => void;
  /** To be called when a request or message comes. */
  onWork(): void;
}

/** @param serviceFolder the folder of the service's package.json, if it is known */
export function createEsModules(serviceFolder?: string): EsModules {
  const waiting = new Set<() => void>();
  return {
    await(awaited, folders = foldersOfService(serviceFolder)) {
      const found = findEsModule(awaited, folders);
      if (!found) return () => {};
      const attempt = createAttempt(awaited, found, () => waiting.delete(attempt));
      waiting.add(attempt);
      return () => {
        waiting.delete(attempt);
        attempt.stop();
      };
    },
    onWork() {
      for (const attempt of waiting) attempt();
    },
  };
}

interface FoundEsModule {
  readonly file: string;
  /** Of the package. */
  readonly folder: string;
  readonly version: string | undefined;
}

interface Attempt {
  (): void;
  stop(): void;
}

function createAttempt(awaited: AwaitedEsModule, found: FoundEsModule, over: () => void): Attempt {
  const { file } = found;
  let attempts = 0;
  let stopped = false;
  const apply = (moduleExports: unknown) => {
    over();
    if (!stopped) awaited.patch(moduleExports as object, found);
  };
  const fail = (error: unknown) => {
    over();
    if (!stopped) awaited.onFailure(error);
  };
  const attempt = () => {
    if (!awaited.isLoaded()) return;
    attempts++;
    try {
      // Unlike `import()` this is done when it returns: what this very request does is seen, too.
      const loaded: unknown = createRequire(file)(file);
      if (types.isModuleNamespaceObject(loaded)) return apply(loaded);
      // A loader has made a CommonJS module of it, which is not the one that the service imported.
    } catch (error) {
      // It is loading; or this Node (before 20.19 and 22.12) requires no ES modules.
      if (process.features.require_module) return attempts < maxAttempts ? undefined : fail(error);
    }
    over();
    import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(file).href).then(apply, fail);
  };
  return Object.assign(attempt, {
    stop() {
      stopped = true;
    },
  });
}

/** The ES module of the package that the service names among its dependencies. */
export function findEsModule(
  {
    name,
    file,
    isSupported,
    onUnsupported,
  }: Pick<AwaitedEsModule, 'name' | 'file' | 'isSupported' | 'onUnsupported'>,
  folders: readonly string[],
): FoundEsModule | undefined {
  for (const folder of folders) {
    const service = nearestPackage(folder);
    // One that can be resolved, but is not named, may belong to something else.
    if (!service?.dependencies.includes(name)) continue;
    try {
      const resolved = createRequire(service.file).resolve(file === undefined ? name : `${name}/${file}`);
      const owner = packageOf(resolved, name);
      if (!owner) continue;
      const found = esModuleOf(owner, resolved, file);
      if (found === undefined) continue;
      if (isSupported(owner.version)) return { ...owner, file: found };
      onUnsupported?.(owner);
    } catch {
      // It is named, but not installed; or it has no such file.
    }
  }
  return undefined;
}

/** A package may have an ES module for `import`, and CommonJS for `require`. */
function esModuleOf(owner: OwningPackage, resolved: string, file: string | undefined): string | undefined {
  const imported = file === undefined ? importedFile(owner) : undefined;
  return imported ?? (owner.type === 'module' && !resolved.endsWith('.cjs') ? resolved : undefined);
}

/** The ES module that importing a package by its name gives, if its `exports` name another file for `import`. */
function importedFile({ folder, type, exports }: OwningPackage): string | undefined {
  const main = entryOf(exports, '.') ?? exports;
  const file = underConditions(main, ['node', 'import', 'module-sync', 'default']);
  const isEsModule = file?.endsWith('.mjs') || (type === 'module' && file?.endsWith('.js'));
  return isEsModule && file !== underConditions(main, ['node', 'require', 'default'])
    ? join(folder, file as string)
    : undefined;
}

function entryOf(exports: unknown, key: string): unknown {
  return typeof exports === 'object' && exports !== null ? Reflect.get(exports, key) : undefined;
}

/** The first target whose conditions all apply: https://nodejs.org/api/packages.html#conditional-exports */
function underConditions(target: unknown, conditions: readonly string[]): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = conditions.includes(condition) ? underConditions(inner, conditions) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

interface DependingPackage {
  readonly file: string;
  readonly dependencies: readonly string[];
}

function nearestPackage(start: string): DependingPackage | undefined {
  return firstAbove(start, (file) => {
    const { name, dependencies, devDependencies, optionalDependencies, peerDependencies } =
      readManifest(file);
    const all = { ...peerDependencies, ...devDependencies, ...optionalDependencies, ...dependencies };
    // Builds write one into their output that says nothing but `type`.
    if (name === undefined && Object.keys(all).length === 0) return undefined;
    return { file, dependencies: Object.keys(all) };
  });
}

interface OwningPackage {
  readonly folder: string;
  readonly type: string | undefined;
  readonly version: string | undefined;
  readonly exports: unknown;
}

/** Not through the package's exports, which need not include its package.json. */
function packageOf(file: string, packageName: string): OwningPackage | undefined {
  return firstAbove(dirname(file), (manifestFile) => {
    const { name, type, version, exports } = readManifest(manifestFile);
    return name === packageName ? { folder: dirname(manifestFile), type, version, exports } : undefined;
  });
}

/** What is read of the first package.json that can be read, here or further up. */
function firstAbove<T>(start: string, read: (file: string) => T | undefined): T | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    try {
      const found = read(join(folder, 'package.json'));
      if (found) return found;
    } catch {
      // There is no package.json here, or it is not JSON.
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** An installed program, such as the command of a framework, is not the service: its folder comes last. */
function foldersOfService(serviceFolder: string | undefined): readonly string[] {
  const [, script] = process.argv;
  const isInstalled = serviceFolder === undefined || /[\\/]node_modules[\\/]/.test(serviceFolder);
  return [
    ...(isInstalled ? [] : [serviceFolder]),
    workingDirectory(),
    ...(script === undefined ? [] : foldersOfScript(script)),
  ];
}

interface Manifest {
  readonly name?: string;
  readonly type?: string;
  readonly version?: string;
  readonly exports?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependencies?: object;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'));
}
