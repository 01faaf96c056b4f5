import { isBuiltin, syncBuiltinESMExports } from 'node:module';
import semver from 'semver';
import { ObservabilityError } from '../errors.js';
import type { LoadedModules } from '../plugin.js';
import { innerFile, loadedCopies, loadedExports, mainFile, type PackageCopy } from './loaded-packages.js';
import type { LoadWatch } from './module-load.js';

/** What to patch in one package: the shape that OpenTelemetry's `InstrumentationNodeModuleDefinition` has. */
export interface ModuleDefinition {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly includePrerelease?: boolean | undefined;
  moduleExports?: unknown;
  patch?(moduleExports: unknown, version?: string): unknown;
  unpatch?(moduleExports: unknown, version?: string): void;
  readonly files?: readonly ModuleFile[];
}

export interface ModuleFile {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  moduleExports?: unknown;
  patch(moduleExports: unknown, version?: string): unknown;
  unpatch(moduleExports: unknown, version?: string): void;
}

/** What became of a package that a definition names; for diagnosis. */
export interface PatchOutcome {
  readonly name: string;
  readonly version: string | undefined;
  readonly result: 'patched' | 'unsupported version' | 'failed';
}

type Report = (error: ObservabilityError) => void;

/**
 * Applies definitions to every copy of their packages that is loaded, and to copies as they are loaded.
 * Versions are respected and nothing is patched twice.
 *
 * @returns takes every patch back
 */
export function patchModules(
  definitions: readonly ModuleDefinition[],
  modules: LoadedModules | undefined,
  watch: LoadWatch,
  report: Report,
): () => void {
  const applied = new AppliedPatches(report);
  const unwatches: (() => void)[] = [];
  for (const definition of definitions) {
    const given = modules?.[definition.name];
    if (given !== undefined) applied.patch(definition, given, undefined);
    if (isBuiltin(definition.name)) {
      applied.patch(definition, process.getBuiltinModule(definition.name), process.version.slice(1));
      // Named imports of a built-in module are bindings of their own, brought up to date here.
      syncBuiltinESMExports();
      continue;
    }
    const applyToLoaded = () => {
      for (const copy of loadedCopies(definition.name)) applied.patchCopy(definition, copy);
    };
    applyToLoaded();
    unwatches.push(watch.watch(definition.name, applyToLoaded));
  }
  return () => {
    for (const unwatch of unwatches) unwatch();
    applied.undo();
    if (definitions.some((definition) => isBuiltin(definition.name))) syncBuiltinESMExports();
  };
}

class AppliedPatches {
  private readonly done = new Map<ModuleDefinition | ModuleFile, Set<unknown>>();
  private readonly undos: (() => void)[] = [];

  constructor(private readonly report: Report) {}

  patchCopy(definition: ModuleDefinition, copy: PackageCopy): void {
    const { includePrerelease } = definition;
    if (definition.patch && isSupported(definition.supportedVersions, copy.version, includePrerelease)) {
      this.patchFile(definition, mainFile(definition.name, copy.folder), copy.version);
    }
    for (const inner of definition.files ?? []) {
      if (!isSupported(inner.supportedVersions, copy.version, includePrerelease)) continue;
      this.patchFile(inner, innerFile(definition.name, copy.folder, inner.name), copy.version);
    }
  }

  private patchFile(
    definition: ModuleDefinition | ModuleFile,
    file: string | undefined,
    version: string | undefined,
  ): void {
    const loaded = file === undefined ? undefined : loadedExports(file);
    if (!loaded) return;
    const moduleExports = loaded.get();
    const patched = this.patch(definition, moduleExports, version);
    if (patched !== moduleExports) loaded.replace(patched);
  }

  patch(
    definition: ModuleDefinition | ModuleFile,
    moduleExports: unknown,
    version: string | undefined,
  ): unknown {
    if (!definition.patch || this.isDone(definition, moduleExports)) return moduleExports;
    try {
      // Instrumentations look here when they are disabled.
      definition.moduleExports = moduleExports;
      const patched = definition.patch(moduleExports, version) ?? moduleExports;
      // What took the place of the exports in the cache is patched too.
      this.isDone(definition, patched);
      this.undos.push(() => {
        definition.unpatch?.(moduleExports, version);
        // Or the instrumentation's own disable() would try to take it back once more.
        definition.moduleExports = undefined;
      });
      return patched;
    } catch (cause) {
      this.report(
        new ObservabilityError(
          'OBS_INSTRUMENTATION_FAILED',
          `'${definition.name}'${version ? ` ${version}` : ''} could not be instrumented: ${(cause as Error).message}.`,
          { cause },
        ),
      );
      return moduleExports;
    }
  }

  private isDone(definition: ModuleDefinition | ModuleFile, moduleExports: unknown): boolean {
    const seen = this.done.get(definition);
    if (seen?.has(moduleExports)) return true;
    if (seen) seen.add(moduleExports);
    else this.done.set(definition, new Set([moduleExports]));
    return false;
  }

  undo(): void {
    for (const undo of this.undos.splice(0).reverse()) {
      try {
        undo();
      } catch {
        // One patch that cannot be taken back must not keep the others.
      }
    }
    this.done.clear();
  }
}

function isSupported(
  ranges: readonly string[],
  version: string | undefined,
  includePrerelease: boolean | undefined,
): boolean {
  if (version === undefined) return ranges.includes('*');
  return ranges.some((range) =>
    semver.satisfies(version, range, { includePrerelease: includePrerelease ?? false }),
  );
}
