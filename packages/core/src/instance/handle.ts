import type { Tracer } from '@opentelemetry/api';
import type { Logger } from 'winston';
import type { Annotate } from '../annotations/annotate.js';
import type { LiveSettings } from '../control/live-settings.js';
import type { Diagnose } from '../diagnosis/diagnosis.js';
import type { NameRoute } from '../http/named-routes.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Health } from '../lifecycle/health.js';
import type { Lifetime } from '../lifecycle/lifetime.js';
import type { PluginSet } from '../lifecycle/plugin-set.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import { metricDeclarations } from '../metrics/metric-declarations.js';
import type { MetricPipeline } from '../metrics/metric-pipeline.js';
import { propertyOf } from '../model/foreign-error.js';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { Observability } from './observability.js';

export interface HandleParts {
  readonly ready: Promise<void>;
  readonly options: Pick<ResolvedOptions, 'shutdown'>;
  readonly identity: Identity;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly annotate: Annotate;
  readonly jobs: Jobs;
  readonly metrics: MetricPipeline;
  readonly application: ApplicationMetrics;
  readonly health: Health;
  readonly plugins: PluginSet;
  readonly live: LiveSettings;
  readonly nameRoute: NameRoute;
  readonly diagnose: Diagnose;
  readonly lifetime: Lifetime;
}

/** What the service gets to hold of a running instance. */
export function handleOf({
  ready,
  options,
  identity,
  logger,
  tracer,
  annotate,
  jobs,
  metrics,
  application,
  health,
  plugins,
  live,
  nameRoute,
  diagnose,
  lifetime,
}: HandleParts): Observability {
  const usualMillis = options.shutdown.timeoutMillis;
  return {
    ready,
    identity,
    logger,
    tracer,
    observeJob: (...args) => jobs.observe(...args),
    annotate,
    metrics: {
      registry: metrics.registry,
      render: metrics.render,
      ...metricDeclarations(() => application),
    },
    metricsHandler: metrics.handler,
    controlHandler: live.handler,
    route: nameRoute,
    health,
    plugins: plugins.names,
    setLogLevel: live.setLogLevel,
    setSamplingRatio: live.setSamplingRatio,
    setSampling: live.setSampling,
    setPluginEnabled: live.setPluginEnabled,
    diagnose,
    flush: (o) => lifetime.flush(timeoutOf(o, usualMillis)),
    shutdown: (o) => lifetime.stop(timeoutOf(o, usualMillis)),
  };
}

/** Longer times make a timer of Node fire at once. */
const longestTimerMillis = 2 ** 31 - 1;

/** These calls never reject: a value that is not a time is the same as none. */
function timeoutOf(options: unknown, usualMillis: number): number {
  const given = propertyOf(options, 'timeoutMillis');
  return typeof given === 'number' && given >= 0 ? Math.min(given, longestTimerMillis) : usualMillis;
}
