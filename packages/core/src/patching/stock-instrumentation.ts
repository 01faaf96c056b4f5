import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { ObservabilityError } from '../model/errors.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { LoadedModules } from '../plugin/modules.js';
import type { LoadWatch } from './module-load.js';
import { type ModuleDefinition, patchModules } from './patch-modules.js';
import type { PatchRecorder } from './patch-record.js';

interface ModuleInstrumentation extends Instrumentation {
  getModuleDefinitions?(): ModuleDefinition[];
  isEnabled?(): boolean;
  /** The definitions that its own hooks on require use; `getModuleDefinitions` makes new ones at each call. */
  readonly _modules?: ModuleDefinition[];
  _enabled?: boolean;
}

/** What every instrumentation has since `@opentelemetry/instrumentation` 0.35. */
const callsOfInstrumentation = ['setTracerProvider', 'setMeterProvider', 'enable', 'disable'];

/**
 * Applies a stock OpenTelemetry instrumentation, which by itself sees only modules loaded after it, to the
 * modules that are loaded already, and to those that come through an ES module's import.
 *
 * @returns removes it
 */
export function applyInstrumentation(
  instrumentation: Instrumentation,
  modules: LoadedModules | undefined,
  providers: { readonly tracerProvider: TracerProvider; readonly meterProvider: MeterProvider },
  watch: LoadWatch,
  report: (error: ObservabilityError) => void,
  record?: PatchRecorder,
): () => void {
  const stock = instrumentation as ModuleInstrumentation;
  const missing = callsOfInstrumentation.filter((name) => typeof Reflect.get(stock, name) !== 'function');
  if (missing.length > 0) {
    const name = stock.instrumentationName ?? stock.constructor.name;
    report(
      new ObservabilityError(
        'OBS_PACKAGE_TOO_OLD',
        `Instrumentation '${name}' has no ${missing.join(' and no ')}; it is not applied.`,
        { fix: `Update ${name}: it takes @opentelemetry/instrumentation 0.35 or newer.` },
      ),
    );
    return () => {};
  }
  isLateAnswer(stock.setTracerProvider(providers.tracerProvider));
  isLateAnswer(stock.setMeterProvider(providers.meterProvider));
  const definitions = stock._modules ?? stock.getModuleDefinitions?.() ?? [];
  if (definitions.length === 0) {
    isLateAnswer(stock.enable());
    record?.listens();
    return () => void isLateAnswer(stock.disable());
  }
  // An enabled instrumentation has its own hook on require. Each copy is patched by the hook that sees it first.
  const forget = definitions.flatMap((definition) => [
    patchingOnce(definition),
    ...(definition.files ?? []).map(patchingOnce),
  ]);
  // Without enable() it has no hooks, which would slow down every require of the service. But
  // some ask isEnabled() at each call.
  if (!stock.isEnabled?.()) stock._enabled = true;
  const undo = patchModules(definitions, modules, watch, report, record);
  return () => {
    undo();
    for (const restore of forget) restore();
    isLateAnswer(stock.disable());
  };
}

interface Patchable {
  patch?(moduleExports: unknown, version?: string): unknown;
}

function patchingOnce(definition: Patchable): () => void {
  const { patch } = definition;
  if (!patch) return () => {};
  const results = new Map<unknown, unknown>();
  definition.patch = function patchOnce(moduleExports, version) {
    if (results.has(moduleExports)) return results.get(moduleExports);
    const patched = patch.call(this, moduleExports, version) ?? moduleExports;
    results.set(moduleExports, patched);
    results.set(patched, patched);
    return patched;
  };
  return () => {
    definition.patch = patch;
  };
}
