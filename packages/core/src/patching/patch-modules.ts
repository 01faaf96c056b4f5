import { isBuiltin, syncBuiltinESMExports } from 'node:module';
import satisfies from 'semver/functions/satisfies.js';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { LoadedModules, ModulePatch } from '../plugin/modules.js';
import {
  copyOfFile,
  isNamedFile,
  type LoadedModule,
  loadedFiles,
  type PackageCopy,
} from './loaded-packages.js';
import type { LoadWatch } from './module-load.js';
import type { PatchRecorder } from './patch-record.js';

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

type Report = (error: ObservabilityError) => void;

/** Told of a copy whose version the definition does not support. */
export type OnUnsupported = (packageName: string, copy: Pick<PackageCopy, 'folder' | 'version'>) => void;

/** A plugin's own patch, which hands back how to undo it, as a definition. */
export function definitionOf({ name, file, supportedVersions, patch }: ModulePatch): ModuleDefinition {
  const undos = new Map<unknown, () => void>();
  const patching = {
    supportedVersions,
    patch(moduleExports: unknown, version?: string) {
      const undo = patch(moduleExports, version);
      if (typeof undo === 'function') undos.set(moduleExports, undo);
      else isLateAnswer(undo);
      return moduleExports;
    },
    unpatch(moduleExports: unknown) {
      isLateAnswer(undos.get(moduleExports)?.());
      undos.delete(moduleExports);
    },
  };
  return file === undefined
    ? { name, ...patching }
    : { name, supportedVersions, files: [{ name: file, ...patching }] };
}

/**
 * Applies definitions to every copy of their packages that is loaded, and to copies as they are loaded.
 * Versions are respected and nothing is patched twice.
 *
 * @returns removes every patch
 */
export function patchModules(
  definitions: readonly ModuleDefinition[],
  modules: LoadedModules | undefined,
  watch: LoadWatch,
  report: Report,
  record?: PatchRecorder,
  onUnsupported?: OnUnsupported,
): () => void {
  const applied = new AppliedPatches(report, record, onUnsupported);
  const unwatches: (() => void)[] = [];
  for (const definition of definitions) {
    record?.asked(definition.name, [
      ...definition.supportedVersions,
      ...(definition.files ?? []).flatMap(({ supportedVersions }) => supportedVersions),
    ]);
    const given = modules?.[definition.name];
    if (given !== undefined) applied.patch(definition, given, definition.name);
    if (isBuiltin(definition.name)) {
      applied.patch(
        definition,
        process.getBuiltinModule(definition.name),
        definition.name,
        process.version.slice(1),
      );
      continue;
    }
    // Last first, so that a file comes after those that it requires, as it does when they are being loaded. In the
    // other order instrumentation-mysql2 writes the values of statements into its spans.
    for (const [file, module] of loadedFiles(definition.name).reverse()) {
      applied.patchFile(definition, module, file);
    }
    unwatches.push(
      watch.watch(definition.name, (module, file) => applied.patchFile(definition, module, file)),
    );
  }
  // Named imports of a built-in module are separate bindings, which are updated here.
  const hasBuiltin = definitions.some((definition) => isBuiltin(definition.name));
  if (hasBuiltin) syncBuiltinESMExports();
  return () => {
    for (const unwatch of unwatches) unwatch();
    applied.undo();
    if (hasBuiltin) syncBuiltinESMExports();
  };
}

class AppliedPatches {
  private readonly done = new Map<ModuleDefinition | ModuleFile, Set<unknown>>();
  private readonly undos: (() => void)[] = [];

  constructor(
    private readonly report: Report,
    private readonly record: PatchRecorder | undefined,
    private readonly onUnsupported: OnUnsupported | undefined,
  ) {}

  /** Patches what the definition names in a loaded file of its package: the main file's exports, or an inner file's. */
  patchFile(definition: ModuleDefinition, module: LoadedModule, file: string): void {
    const copy = copyOfFile(definition.name, file);
    if (!copy) return;
    const targets: (ModuleDefinition | ModuleFile)[] = file === copy.mainFile ? [definition] : [];
    for (const inner of definition.files ?? []) {
      if (isNamedFile(definition.name, copy.folder, file, inner.name)) targets.push(inner);
    }
    for (const target of targets) {
      if (!isSupported(target.supportedVersions, copy.version, definition.includePrerelease)) {
        this.onUnsupported?.(definition.name, copy);
        continue;
      }
      module.exports = this.patch(target, module.exports, definition.name, copy.version, copy);
    }
  }

  patch(
    definition: ModuleDefinition | ModuleFile,
    moduleExports: unknown,
    packageName: string,
    version?: string,
    copy?: PackageCopy,
  ): unknown {
    if (!definition.patch || !this.isNew(definition, moduleExports)) return moduleExports;
    try {
      // Instrumentations look here when they are disabled.
      definition.moduleExports = moduleExports;
      const patched = definition.patch(moduleExports, version) ?? moduleExports;
      // What took the place of the exports in the cache is patched too.
      this.isNew(definition, patched);
      this.record?.patched(packageName, copy);
      this.undos.push(() => {
        definition.unpatch?.(moduleExports, version);
        // Otherwise the instrumentation's own disable() would remove it a second time.
        definition.moduleExports = undefined;
      });
      return patched;
    } catch (cause) {
      this.report(
        new ObservabilityError(
          'OBS_INSTRUMENTATION_FAILED',
          `'${definition.name}'${version ? ` ${version}` : ''} could not be instrumented: ${errorReason(cause)}.`,
          { cause },
        ),
      );
      return moduleExports;
    }
  }

  undo(): void {
    for (const undo of this.undos.splice(0).reverse()) {
      try {
        undo();
      } catch {
        // A patch that cannot be removed must not keep the others in place.
      }
    }
    this.done.clear();
  }

  private isNew(definition: ModuleDefinition | ModuleFile, moduleExports: unknown): boolean {
    const seen = this.done.get(definition);
    if (seen?.has(moduleExports)) return false;
    if (seen) seen.add(moduleExports);
    else this.done.set(definition, new Set([moduleExports]));
    return true;
  }
}

/**
 * Whether a version is in one of the ranges. `*` beside other ranges is for a module that the service hands over: its
 * version is not known.
 */
export function isSupported(
  ranges: readonly string[],
  version: string | undefined,
  includePrerelease = false,
): boolean {
  if (version === undefined) return ranges.includes('*');
  const known = ranges.length > 1 ? ranges.filter((range) => range !== '*') : ranges;
  return known.some(
    (range) => isInPlainRange(version, range) ?? satisfies(version, range, { includePrerelease }),
  );
}

const plainRange = /^>=(\d+)(?:\.(\d+))?(?:\.(\d+))? <(\d+)$/;
const plainVersion = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * The usual range from a version up to a major version, without what the library does for any: it takes milliseconds for
 * its first few, while the service starts.
 *
 * @returns undefined if range or version has another syntax
 */
function isInPlainRange(version: string, range: string): boolean | undefined {
  const bounds = plainRange.exec(range);
  const parts = plainVersion.exec(version);
  if (!bounds || !parts) return undefined;
  const [major = 0, minor = 0, patch = 0] = parts.slice(1).map(Number);
  const [fromMajor = 0, fromMinor = 0, fromPatch = 0, toMajor = 0] = bounds
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (major >= toMajor || major < fromMajor) return false;
  if (major > fromMajor || minor > fromMinor) return true;
  return minor === fromMinor && patch >= fromPatch;
}
