import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import type { Logger } from 'winston';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { createDatabaseMetrics } from '../databases/database-metrics.js';
import { createDatabaseOperations } from '../databases/database-operations.js';
import { httpRequests } from '../http/plugin-requests.js';
import type { OnTearDown } from '../lifecycle/plugin-set.js';
import { createMessagingMetrics } from '../messaging/messaging-metrics.js';
import { createMessagingOperations } from '../messaging/messaging-operations.js';
import type { MetricPipeline } from '../metrics/metric-pipeline.js';
import type { Identity } from '../model/identity.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Patcher } from '../patching/patcher.js';
import type { PluginContext } from '../plugin/plugin.js';
import { once } from '../timing/once.js';

export interface PluginContextParts {
  readonly options: ResolvedOptions;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly metrics: Pick<MetricPipeline, 'registry' | 'settings'>;
  readonly tracerProvider: TracerProvider;
  readonly propagator: TextMapPropagator;
  readonly patcher: Patcher;
  readonly canonicalLine: WriteCanonicalLine | undefined;
}

/** Makes what a plugin gets, by its name. All plugins of an instance share their metrics. */
export function pluginContexts({
  options,
  identity,
  logger,
  metrics: { registry, settings },
  tracerProvider,
  propagator,
  patcher,
  canonicalLine,
}: PluginContextParts): (name: string, onTearDown: OnTearDown) => PluginContext {
  // Metrics of what a service does not use would be noise in its answers.
  const databaseMetrics = once(() => createDatabaseMetrics(registry, settings));
  const messagingMetrics = once(() => createMessagingMetrics(registry, settings));
  return (name, onTearDown) => {
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
      instrument: (instrumentation, modules) =>
        onTearDown(patcher.instrument(instrumentation, modules, undefined, recorder)),
      patchModule: (patch, modules) => onTearDown(patcher.patchFor(name, patch, modules, recorder)),
    };
  };
}
