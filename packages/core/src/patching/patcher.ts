import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import type { LoadedModules, ModulePatch } from '../plugin/modules.js';
import { applyPatch } from './apply-patch.js';
import type { EsModules } from './es-modules.js';
import type { LoadWatch } from './module-load.js';
import { createPatchRecord, type PatchRecord, type PatchRecorder } from './patch-record.js';
import { applyInstrumentation } from './stock-instrumentation.js';
import { warnOfUnsupported } from './unsupported-versions.js';

export interface PatcherParts {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  readonly watch: LoadWatch;
  readonly esModules: EsModules;
  readonly report: (error: ObservabilityError) => void;
}

/** Changes modules for one instance, and remembers for which plugin. Each call returns a function that undoes it. */
export interface Patcher {
  readonly record: PatchRecord;
  /** To be called when messages have been received: ES modules that are awaited are patched. */
  readonly onWork: () => void;
  /** Changes modules as a stock instrumentation does. */
  instrument(
    instrumentation: Instrumentation,
    modules?: LoadedModules,
    meterProvider?: MeterProvider,
    recorder?: PatchRecorder,
  ): () => void;
  patch(patch: ModulePatch, modules: LoadedModules | undefined, recorder: PatchRecorder): () => void;
  /** Like `patch`, and warns once of each version of the package that none of the owner's patches supports. */
  patchFor(
    owner: string,
    patch: ModulePatch,
    modules: LoadedModules | undefined,
    recorder: PatchRecorder,
  ): () => void;
}

export function createPatcher({
  tracerProvider,
  meterProvider: usual,
  watch,
  esModules,
  report,
}: PatcherParts): Patcher {
  const record = createPatchRecord();
  const patching = { watch, esModules, report };
  const unsupported = warnOfUnsupported(record, report);
  return {
    record,
    onWork: esModules.onWork,
    instrument(
      instrumentation,
      modules,
      meterProvider = usual,
      recorder = record.by(instrumentation.instrumentationName),
    ) {
      const providers = { tracerProvider, meterProvider };
      const fail = (cause: unknown) =>
        report(
          new ObservabilityError(
            'OBS_INSTRUMENTATION_FAILED',
            `Instrumentation '${instrumentation.instrumentationName}' failed: ${errorReason(cause)}.`,
            { cause },
          ),
        );
      try {
        const undo = applyInstrumentation(instrumentation, modules, providers, watch, report, recorder);
        return () => {
          try {
            undo();
          } catch (error) {
            fail(error);
          }
        };
      } catch (error) {
        fail(error);
        return () => {};
      }
    },
    patch: (patch, modules, recorder) => applyPatch(patch, modules, patching, recorder),
    patchFor: (owner, patch, modules, recorder) =>
      applyPatch(patch, modules, patching, recorder, (name, copy) => unsupported(owner, name, copy)),
  };
}
