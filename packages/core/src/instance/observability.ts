import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Tracer, trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import type { Logger } from 'winston';
import { createControlHandler } from '../control/control-handler.js';
import type { DiagnoseOptions, Diagnosis } from '../diagnosis/diagnosis.js';
import { diagnoseInert } from '../diagnosis/on-request.js';
import { createHealth, type Health } from '../lifecycle/health.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import { metricDeclarations } from '../metrics/metric-declarations.js';
import type { DeclareCounter, DeclareGauge, DeclareHistogram } from '../metrics/metric-types.js';
import type { Identity } from '../model/identity.js';
import type { LogLevel } from '../model/log-level.js';

/** The handle that `initObservability` returns. */
export interface Observability {
  /** Resolves when the metrics endpoint listens (or gave up) and all plugins are set up. Never rejects. */
  readonly ready: Promise<void>;
  /** Who the signals of this process come from. */
  readonly identity: Identity;
  /** The service's winston logger; the same as the exported `logger`. */
  readonly logger: Logger;
  /** Tracer for spans of the service's own; `withSpan` uses it. */
  readonly tracer: Tracer;
  /** The metrics of this process, and the answer to a scrape. */
  readonly metrics: ObservabilityMetrics;
  /**
   * Answers a Prometheus scrape; mountable in any framework.
   *
   * @example app.get('/internal/metrics', observability.metricsHandler);
   */
  readonly metricsHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Answers `/observability` and what is below it (docs/live-control.md); for services that mount `metricsHandler`
   * themselves. Without `control.token` it answers 404.
   *
   * @example app.use('/observability', observability.controlHandler); // before any body parser
   */
  readonly controlHandler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Checks behind `/livez` and `/readyz` on the metrics endpoint. */
  readonly health: Health;
  /** Names of the plugins that are set up. */
  readonly plugins: readonly string[];
  /**
   * Changes the log level.
   *
   * @param options.forSeconds goes back to the level of the options after that time, at most a day
   * @param options.logger only for child loggers of this name, `logger.child({ logger: 'payments' })`, and theirs
   * @throws ObservabilityError `OBS_OPTION_INVALID` for an unknown level or a wrong time
   * @example observability.setLogLevel('debug', { forSeconds: 300, logger: 'payments' });
   */
  setLogLevel(level: LogLevel, options?: { readonly forSeconds?: number; readonly logger?: string }): void;
  /**
   * Changes the share of new traces that are recorded.
   *
   * @param ratio from 0 to 1
   * @param options.forSeconds goes back to the sampler of the options after that time
   */
  setSamplingRatio(ratio: number, options?: { readonly forSeconds?: number }): void;
  /**
   * Switches a plugin off, which takes its patches back, or on again.
   *
   * @param options.forSeconds switches it on again after that time
   * @throws ObservabilityError `OBS_OPTION_INVALID` for a name that is not among {@link Observability.plugins}
   */
  setPluginEnabled(name: string, enabled: boolean, options?: { readonly forSeconds?: number }): void;
  /**
   * Finds out whether everything works, as `throughline doctor` does: what is recorded and what is not, which options
   * are in force and where each came from (secrets masked), and whether the OTLP endpoints take a test span. Never
   * rejects: what could not be found out is a finding too. docs/reference/findings.md lists what it can find.
   *
   * @param options.timeoutMillis longest time for one answer from outside. Default: 5,000 ms
   * @param options.contact `false` sends nothing, and asks nobody outside of the process. Default: true
   * @param options.testLine writes one log line, so that it can be looked for where lines are collected. Default: false
   * @example
   * const { ok, findings } = await observability.diagnose();
   * for (const { level, code, message, fix } of findings) console.error(level, code, message, fix);
   */
  diagnose(options?: DiagnoseOptions): Promise<Diagnosis>;
  /**
   * Sends what is waiting. Never rejects; gives up after the time.
   *
   * @param options.timeoutMillis default: `shutdown.timeoutMillis` (5,000 ms)
   */
  flush(options?: { readonly timeoutMillis?: number }): Promise<void>;
  /**
   * Sends what is waiting, takes all patches back and closes the metrics endpoint. Idempotent; never rejects.
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
   * The answer to a scrape.
   *
   * @param accept value of the Accept header; OpenMetrics (with exemplars) when it asks for that, else text 0.0.4
   */
  render(accept?: string): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Harmless stand-in before `initObservability`, and when `enabled` is false. */
export function inertObservability(
  logger: Logger,
  application: ApplicationMetrics,
  state: 'off' | 'not started' = 'not started',
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
    metrics: {
      registry: new Registry(),
      render: async () => empty,
      ...metricDeclarations(() => application),
    },
    metricsHandler: (_request, response) => {
      response.writeHead(200, { 'content-type': empty.contentType }).end(empty.body);
    },
    controlHandler: createControlHandler(new Map(), undefined, logger),
    health: createHealth(),
    plugins: [],
    setLogLevel: (level) => {
      logger.level = level;
    },
    setSamplingRatio: () => {},
    setPluginEnabled: () => {},
    diagnose: diagnoseInert(state),
    flush: async () => {},
    shutdown: async () => {},
  };
}
