import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { ObservabilityError } from '../model/errors.js';
import type { LoadedModules, ModulePatch } from '../plugin/modules.js';
import { applyPatch } from './apply-patch.js';
import type { EsModules } from './es-modules.js';
import type { LoadWatch } from './module-load.js';
import { createPatchRecord, type PatchRecord, type PatchRecorder } from './patch-record.js';
import { applyInstrumentation } from './stock-instrumentation.js';

export interface PatcherParts {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  readonly watch: LoadWatch;
  readonly esModules: EsModules;
  readonly report: (error: ObservabilityError) => void;
}

/** What changes modules for one instance, and remembers for whom. Each call returns what takes it back. */
export interface Patcher {
  readonly record: PatchRecord;
  /** Changes modules as a stock instrumentation does. */
  instrument(
    instrumentation: Instrumentation,
    modules?: LoadedModules,
    meterProvider?: MeterProvider,
    recorder?: PatchRecorder,
  ): () => void;
  patch(patch: ModulePatch, modules: LoadedModules | undefined, recorder: PatchRecorder): () => void;
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
  return {
    record,
    instrument(
      instrumentation,
      modules,
      meterProvider = usual,
      recorder = record.by(instrumentation.instrumentationName),
    ) {
      const providers = { tracerProvider, meterProvider };
      return applyInstrumentation(instrumentation, modules, providers, watch, report, recorder);
    },
    patch: (patch, modules, recorder) => applyPatch(patch, modules, patching, recorder),
  };
}
