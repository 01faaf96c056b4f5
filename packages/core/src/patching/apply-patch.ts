import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { LoadedModules, ModulePatch } from '../plugin/modules.js';
import type { EsModules } from './es-modules.js';
import type { LoadWatch } from './module-load.js';
import { definitionOf, isSupported, type OnUnsupported, patchModules } from './patch-modules.js';
import type { PatchRecorder } from './patch-record.js';

/** The notification about modules that are loaded later, and the record of patches. */
export interface Patching {
  readonly watch: LoadWatch;
  readonly esModules: EsModules;
  readonly report: (error: ObservabilityError) => void;
}

/**
 * Applies a patch to every copy of its package, loaded or loaded later, CommonJS or, if the patch says so, an
 * ES module.
 *
 * @returns removes the patch
 */
export function applyPatch(
  patch: ModulePatch,
  modules: LoadedModules | undefined,
  { watch, esModules, report }: Patching,
  record?: PatchRecorder,
  onUnsupported?: OnUnsupported,
): () => void {
  const undos = [patchModules([definitionOf(patch)], modules, watch, report, record, onUnsupported)];
  const { name, file, supportedVersions, esModule } = patch;
  if (esModule) {
    const fail = (version: string | undefined, cause: unknown) =>
      report(
        new ObservabilityError(
          'OBS_INSTRUMENTATION_FAILED',
          `'${name}'${version ? ` ${version}` : ''} could not be instrumented: ${cause === undefined ? 'its ES module could not be loaded' : errorReason(cause)}.`,
          { cause },
        ),
      );
    undos.push(
      esModules.await({
        name,
        file,
        isSupported: (version) => isSupported(supportedVersions, version),
        onUnsupported: (copy) => onUnsupported?.(name, copy),
        isLoaded: esModule.isLoaded,
        patch(moduleExports, copy) {
          try {
            const undo = patch.patch(moduleExports, copy.version);
            if (typeof undo === 'function') undos.push(undo);
            else isLateAnswer(undo);
            record?.patched(name, copy);
          } catch (error) {
            fail(copy.version, error);
          }
        },
        onFailure: (error) => fail(undefined, error),
      }),
    );
  }
  return () => {
    for (const undo of undos.splice(0).reverse()) undo();
  };
}
