import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import { type Tracer, trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import type { Logger } from 'winston';
import type { AnnotationFields } from '../annotations/annotations.js';
import { createControlHandler } from '../control/control-handler.js';
import type { SamplingChanges } from '../control/sampling-settings.js';
import type { DiagnoseOptions, Diagnosis } from '../diagnosis/diagnosis.js';
import { diagnoseInert } from '../diagnosis/on-request.js';
import type { JobOptions } from '../jobs/job.js';
import type { JobFunction, Jobs } from '../jobs/jobs.js';
import { createHealth, type Health } from '../lifecycle/health.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import { metricDeclarations } from '../metrics/metric-declarations.js';
import type { DeclareCounter, DeclareGauge, DeclareHistogram } from '../metrics/metric-types.js';
import { ObservabilityError } from '../model/errors.js';
import { errorReason, shownValue } from '../model/foreign-error.js';
import type { Identity } from '../model/identity.js';
import type { LogLevel } from '../model/log-level.js';
import type { ProcessKind } from '../model/process-kind.js';
import { checkLogLevel } from '../options/log-options.js';

/** The handle that `initObservability` returns. */
export interface Observability {
  /** Resolves when all plugins are set up, and the metrics endpoint listens or has failed to. Never rejects. */
  readonly ready: Promise<void>;
  /** The identity of the service: its name, version, environment and other labels. */
  readonly identity: Identity;
  /** The service's winston logger; the same as the exported `logger`. */
  readonly logger: Logger;
  /** Tracer for spans that the service creates. `withSpan` uses it. */
  readonly tracer: Tracer;
  /** The same as the exported `observeJob`. */
  observeJob<F extends JobFunction>(name: string, fn: F, options?: JobOptions): F;
  /** The same as the exported `annotate`. */
  annotate(fields: AnnotationFields): void;
  /** The metrics of this process, and the response to a scrape. */
  readonly metrics: ObservabilityMetrics;
  /**
   * Answers a Prometheus scrape. It can be mounted in any framework.
   *
   * @example app.get('/internal/metrics', observability.metricsHandler);
   */
  readonly metricsHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Answers `/observability` and the paths below it (docs/live-control.md). It is for services that mount `metricsHandler`
   * themselves. Without `control.token` it answers 404.
   *
   * @example app.use('/observability', observability.controlHandler); // before any body parser
   */
  readonly controlHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Names the route of a request, for a service with its own router or with a framework that has no plugin. The route is in
   * the span's name and in `http.route`, and is the label `http_route` of the metric. Of several calls for a request the last
   * one counts. It never throws: a wrong value is ignored, and reported once with `OBS_ROUTE_NOT_RECORDED`.
   *
   * @param request the request of Node (`http`, `https`, `http2`), or a stream of `http2`
   * @param route the template, for example `/orders/:id`: 1 to 256 characters, never the path of the request. A process
   *   can have 1,000 different routes; further ones are not recorded.
   * @example observability.route(request, '/orders/:id');
   */
  readonly route: (request: IncomingMessage | Http2ServerRequest | ServerHttp2Stream, route: string) => void;
  /** Checks behind `/livez` and `/readyz` on the metrics endpoint. */
  readonly health: Health;
  /** Names of the plugins that are set up. */
  readonly plugins: readonly string[];
  /**
   * Changes the log level.
   *
   * @param options.forSeconds the level of the options returns after this time, at most one day
   * @param options.logger changes only child loggers of this name, `logger.child({ logger: 'payments' })`, and their children
   * @throws ObservabilityError `OBS_OPTION_INVALID` for an unknown level or a wrong time
   * @example observability.setLogLevel('debug', { forSeconds: 300, logger: 'payments' });
   */
  setLogLevel(level: LogLevel, options?: { readonly forSeconds?: number; readonly logger?: string }): void;
  /**
   * Changes the share of new traces that are recorded.
   *
   * @param ratio from 0 to 1
   * @param options.forSeconds the sampler of the options returns after this time
   */
  setSamplingRatio(ratio: number, options?: { readonly forSeconds?: number }): void;
  /**
   * Changes which traces are recorded. What is not named stays as it is.
   *
   * @param options.forSeconds the values of the options return after this time
   * @throws ObservabilityError `OBS_OPTION_INVALID` for an unknown name or a wrong value; nothing is changed then
   * @example observability.setSampling({ keepErrors: true, routeRatios: { '/checkout': 1 } }, { forSeconds: 600 });
   */
  setSampling(changes: SamplingChanges, options?: { readonly forSeconds?: number }): void;
  /**
   * Switches a plugin off or on. Off removes its patches.
   *
   * @param options.forSeconds the plugin is switched back after this time
   * @throws ObservabilityError `OBS_OPTION_INVALID` for a name that is not among {@link Observability.plugins}
   */
  setPluginEnabled(name: string, enabled: boolean, options?: { readonly forSeconds?: number }): void;
  /**
   * Checks whether everything works, as `throughline doctor` does: which libraries are recorded, which options
   * are in effect and where each came from (secrets masked), and whether the OTLP endpoints accept a test span. Never
   * rejects: a check that fails becomes a finding. docs/reference/findings.md lists all findings.
   *
   * @param options.timeoutMillis maximum time for one response from outside. Default: 5,000 ms
   * @param options.contact `false` sends nothing and makes no requests. Default: true
   * @param options.testLine writes one log line, which can then be searched for in the log backend. Default: false
   * @example
   * const { ok, findings } = await observability.diagnose();
   * for (const { level, code, message, fix } of findings) console.error(level, code, message, fix);
   */
  diagnose(options?: DiagnoseOptions): Promise<Diagnosis>;
  /**
   * Sends all telemetry that waits in queues. Never rejects. Stops waiting after `timeoutMillis`.
   *
   * @param options.timeoutMillis default: `shutdown.timeoutMillis` (5,000 ms)
   */
  flush(options?: { readonly timeoutMillis?: number }): Promise<void>;
  /**
   * Sends all telemetry that waits in queues, removes all patches and closes the metrics endpoint. Idempotent. Never rejects.
   *
   * @param options.timeoutMillis default: `shutdown.timeoutMillis` (5,000 ms)
   */
  shutdown(options?: { readonly timeoutMillis?: number }): Promise<void>;
}

/** The metrics of an instance. */
export interface ObservabilityMetrics {
  /** The same as the exported `counter`. */
  readonly counter: DeclareCounter;
  /** The same as the exported `gauge`. */
  readonly gauge: DeclareGauge;
  /** The same as the exported `histogram`. */
  readonly histogram: DeclareHistogram;
  /** Throughline's own prom-client registry. Metrics of prom-client's default registry are served as well. */
  readonly registry: Registry;
  /**
   * The response to a scrape.
   *
   * @param accept value of the Accept header; OpenMetrics (with exemplars) when it asks for that, else text 0.0.4
   */
  render(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** The instance that does nothing, for use before `initObservability` and when `enabled` is false. */
export function inertObservability(
  logger: Logger,
  application: ApplicationMetrics,
  jobs: Jobs,
  state: 'off' | 'not started' = 'not started',
  register?: ProcessKind,
): Observability {
  const empty = { contentType: 'text/plain; version=0.0.4; charset=utf-8', body: '' };
  return {
    ready: Promise.resolve(),
    identity: {
      serviceName: 'unknown_service:node',
      serviceNamespace: undefined,
      serviceVersion: undefined,
      environment: undefined,
      team: undefined,
      instanceId: '',
      resourceAttributes: {},
    },
    logger,
    tracer: trace.getTracer('@throughline/core'),
    observeJob: (...args) => jobs.observe(...args),
    annotate: () => {},
    metrics: {
      registry: new Registry(),
      render: async () => empty,
      ...metricDeclarations(() => application),
    },
    metricsHandler: (_request, response) => {
      response.writeHead(200, { 'content-type': empty.contentType }).end(empty.body);
    },
    controlHandler: createControlHandler(new Map(), undefined, logger),
    route: () => {},
    health: createHealth(),
    plugins: [],
    setLogLevel: (level) => {
      logger.level = acceptedLevel(level);
    },
    setSamplingRatio: () => {},
    setSampling: () => {},
    setPluginEnabled: () => {},
    diagnose: diagnoseInert(state, register),
    flush: async () => {},
    shutdown: async () => {},
  };
}

/** @throws ObservabilityError `OBS_OPTION_INVALID`: a wrong level is an error without an instance too */
function acceptedLevel(level: unknown): LogLevel {
  try {
    return checkLogLevel(level);
  } catch (error) {
    throw new ObservabilityError(
      'OBS_OPTION_INVALID',
      `level ${errorReason(error)}; it got ${shownValue(level)}.`,
    );
  }
}
