import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import type { Logger } from 'winston';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { createDatabaseMetrics } from '../databases/database-metrics.js';
import { createDatabaseOperations } from '../databases/database-operations.js';
import type { PluginExports } from '../export/plugin-exports.js';
import { httpRequests } from '../http/plugin-requests.js';
import type { OnTearDown } from '../lifecycle/plugin-set.js';
import { createMessagingMetrics } from '../messaging/messaging-metrics.js';
import { createMessagingOperations } from '../messaging/messaging-operations.js';
import type { MetricPipeline } from '../metrics/metric-pipeline.js';
import type { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Patcher } from '../patching/patcher.js';
import type { ControlPath } from '../plugin/control.js';
import type { PluginContext } from '../plugin/plugin.js';
import { once } from '../timing/once.js';
import type { Globals } from '../traces/globals.js';
import { workOf } from './plugin-work.js';

export interface PluginContextParts {
  readonly options: ResolvedOptions;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly metrics: Pick<MetricPipeline, 'registry' | 'settings'>;
  readonly tracerProvider: TracerProvider;
  readonly propagator: TextMapPropagator;
  readonly patcher: Patcher;
  readonly canonicalLine: WriteCanonicalLine | undefined;
  readonly globals: Pick<Globals, 'aroundSwitches'>;
  readonly exports: PluginExports;
  readonly report: (error: ObservabilityError) => void;
}

/** What an instance gives its plugins, and what they add to it. */
export interface PluginContexts {
  /** Makes what a plugin gets, by its name. */
  contextFor(name: string, onTearDown: OnTearDown): PluginContext;
  /** What plugins add to live control, by its path. */
  readonly controlPaths: ReadonlyMap<string, ControlPath>;
}

/** All plugins of an instance share their metrics. */
export function pluginContexts({
  options,
  identity,
  logger,
  metrics: { registry, settings },
  tracerProvider,
  propagator,
  patcher,
  canonicalLine,
  globals,
  exports,
  report,
}: PluginContextParts): PluginContexts {
  // Metrics of what a service does not use would be noise in its answers.
  const databaseMetrics = once(() => createDatabaseMetrics(registry, settings));
  const messagingMetrics = once(() => createMessagingMetrics(registry, settings));
  const controlPaths = new Map<string, ControlPath>();
  const contextFor = (name: string, onTearDown: OnTearDown): PluginContext => {
    const recorder = patcher.record.by(name);
    const tracer = tracerProvider.getTracer(`@throughline/${name}`, version);
    return {
      tracer,
      identity,
      options,
      logger: logger.child({ plugin: name }),
      metrics: { registry },
      get databases() {
        return createDatabaseOperations(tracer, databaseMetrics(), onTearDown);
      },
      get messaging() {
        return createMessagingOperations(
          tracer,
          messagingMetrics(),
          propagator,
          onTearDown,
          canonicalLine,
          patcher.onWork,
        );
      },
      http: httpRequests,
      work: {
        of: workOf,
        aroundSwitches: (around) => onTearDown(globals.aroundSwitches(around)),
      },
      report,
      answerControl(path) {
        controlPaths.set(path.path, path);
        onTearDown(() => {
          if (controlPaths.get(path.path) === path) controlPaths.delete(path.path);
        });
      },
      openExport: exports.open,
      instrument: (instrumentation, modules) =>
        onTearDown(patcher.instrument(instrumentation, modules, undefined, recorder)),
      patchModule: (patch, modules) => onTearDown(patcher.patchFor(name, patch, modules, recorder)),
    };
  };
  return { contextFor, controlPaths };
}
