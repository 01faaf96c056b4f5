import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { exceptionsHandlerFile } from './patch-nest.js';

/**
 * The inner file of a NestJS that consists of ES modules (12 and later), which stand in no cache that could be
 * looked through: the NestJS that the service names among its dependencies.
 *
 * @param folders where to look for the service's package.json, there and upwards
 */
export function findNestEsModule(folders: readonly string[] = foldersOfService()): string | undefined {
  for (const folder of folders) {
    const service = nearestPackage(folder);
    if (!service?.names.includes('@nestjs/core')) continue;
    try {
      const file = createRequire(service.file).resolve(`@nestjs/core/${exceptionsHandlerFile}`);
      // Not through the package's exports: NestJS 12.0 to 12.2 leave their package.json out of them.
      const { type, version } = readManifest(join(dirname(file), '../package.json'));
      if (type === 'module' && version?.startsWith('12.')) return file;
    } catch {
      // Named, but not installed, or without this file.
    }
  }
  return undefined;
}

export interface AwaitedModule {
  /** To be called when a request comes to Express. */
  readonly onRequest: () => void;
  stop(): void;
}

/**
 * Patches an ES module of NestJS when the first request comes. By then the service has loaded it; earlier it
 * must not be loaded, because that could fail, and would then fail for the service as well: for want of
 * `reflect-metadata`, or on being imported and required at the same time (`ERR_REQUIRE_ESM_RACE_CONDITION`).
 *
 * @param patch gets the module's exports and hands back how to undo it
 * @param onFailure gets what the module could not be loaded or patched for
 */
export function awaitNestEsModule(
  file: string,
  patch: (moduleExports: unknown) => () => void,
  onFailure: (error: unknown) => void,
): AwaitedModule {
  let waiting = true;
  let stopped = false;
  let undo: (() => void) | undefined;
  const apply = (moduleExports: unknown) => {
    if (stopped) return;
    try {
      undo = patch(moduleExports);
    } catch (error) {
      onFailure(error);
    }
  };

  return {
    onRequest() {
      if (!waiting || !('getMetadata' in Reflect)) return;
      waiting = false;
      const loaded = requireEsModule(file);
      if (loaded) apply(loaded);
      else import(/* webpackIgnore: true */ pathToFileURL(file).href).then(apply, onFailure);
    },
    stop() {
      stopped = true;
      undo?.();
    },
  };
}

/** Unlike `import()` this is done when it returns, so that the first request's exceptions are recorded too. */
function requireEsModule(file: string): unknown {
  try {
    const loaded: unknown = createRequire(file)(file);
    // A loader may have made a CommonJS module of it, which is not the one that the service imported.
    return types.isModuleNamespaceObject(loaded) ? loaded : undefined;
  } catch {
    // Node 22 before 22.12 requires no ES modules.
    return undefined;
  }
}

function foldersOfService(): string[] {
  const [, script] = process.argv;
  const folderOfScript = script ? [dirname(script)] : [];
  try {
    return [process.cwd(), ...folderOfScript];
  } catch {
    // The working directory is gone.
    return folderOfScript;
  }
}

interface ServicePackage {
  readonly file: string;
  /** Of its dependencies. */
  readonly names: readonly string[];
}

function nearestPackage(start: string): ServicePackage | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    try {
      const { dependencies, devDependencies, optionalDependencies } = readManifest(file);
      return { file, names: Object.keys({ ...devDependencies, ...optionalDependencies, ...dependencies }) };
    } catch {
      // No package.json here, or one that cannot be read: the next folder up may have one.
    }
    if (dirname(folder) === folder) return undefined;
  }
}

interface Manifest {
  readonly type?: string;
  readonly version?: string;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'));
}
