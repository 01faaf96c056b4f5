import { isMainThread } from 'node:worker_threads';
import type { MeterProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { collectDefaultMetrics, register as defaultRegistry } from 'prom-client';
import { createDatabaseOperations } from './databases/database-operations.js';
import { type Environment, readEnvironment } from './environment.js';
import { ObservabilityError } from './errors.js';
import { traceCapturedRequests } from './http/captured-requests.js';
import { observeClientRequests } from './http/client-metrics.js';
import { followClientRequests } from './http/client-request-end.js';
import { observeIncomingRequests, serverRequestOf } from './http/incoming.js';
import { createOutgoingInstrumentations } from './http/outgoing.js';
import { createQueryRedaction } from './http/query-redaction.js';
import { identityLabels, readServicePackage, resolveIdentity, type ServicePackage } from './identity.js';
import { watchForConflicts } from './instrument/conflicts.js';
import { watchModuleLoads } from './instrument/module-load.js';
import { definitionOf, patchModules } from './instrument/patch-modules.js';
import { applyInstrumentation, noMetrics } from './instrument/stock-instrumentation.js';
import { exportReporter, observeBoth } from './lifecycle/export-reporter.js';
import { createHealth } from './lifecycle/health.js';
import { routeSdkDiagnostics } from './lifecycle/sdk-diagnostics.js';
import { flushBeforeExit, flushOnSignals } from './lifecycle/signals.js';
import { checkProtocol, describeTraces } from './lifecycle/startup-checks.js';
import { temporarySetting } from './lifecycle/temporary.js';
import { within } from './lifecycle/within.js';
import { outputBeforeInit, type ServiceLogger } from './logs/logger.js';
import { OtlpTransport } from './logs/otlp-transport.js';
import { createMessagingOperations } from './messaging/messaging-operations.js';
import { collectMetrics } from './metrics/collect.js';
import type { CustomMetrics } from './metrics/custom-metrics.js';
import { createDatabaseMetrics, type DatabaseMetrics } from './metrics/database-metrics.js';
import { createMetricsHandler, listenForScrapes } from './metrics/endpoint.js';
import {
  negotiateFormat,
  openMetricsContentType,
  renderMetrics,
  textContentType,
} from './metrics/exposition.js';
import { createHttpMetrics } from './metrics/http-metrics.js';
import { createMessagingMetrics, type MessagingMetrics } from './metrics/messaging-metrics.js';
import { metricComplaints } from './metrics/metric-complaints.js';
import { createOtelMetrics } from './metrics/otel-metrics.js';
import { createRegistry } from './metrics/registry.js';
import { createSelfMetrics } from './metrics/self-metrics.js';
import { inertObservability, type Observability } from './observability.js';
import type { ObservabilityOptions } from './options/observability-options.js';
import { resolveOptions } from './options/resolve.js';
import { checkLogLevel, checkRatio } from './options/table.js';
import { setUpPlugins } from './plugins.js';
import { createLoggerPipeline, createTracerPipeline } from './providers.js';
import { registerGlobals } from './traces/globals.js';
import { createPropagator } from './traces/propagation.js';
import { createSampler } from './traces/sampler.js';
import { version } from './version.js';

/** What stands around a call of `initObservability`: given by the `register` entry and by tests. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly configFile?: ObservabilityOptions | undefined;
  /** What went wrong before, to be logged now. */
  readonly problems?: readonly ObservabilityError[];
  readonly writeLine?: (line: string) => void;
  /** Default: the nearest package.json of the started script. */
  readonly servicePackage?: ServicePackage;
}

/** Wires one instance together, in order; every decision is made in the part that it concerns. */
export function startObservability(
  code: ObservabilityOptions,
  serviceLogger: ServiceLogger,
  custom: CustomMetrics,
  surroundings: Surroundings,
): Observability {
  const environment = surroundings.environment ?? readEnvironment();
  const { options, warnings } = resolveOptions(code, environment, surroundings.configFile);
  const { logger } = serviceLogger;
  const report = (error: ObservabilityError) =>
    logger.warn(error.message, {
      code: error.code,
      fix: error.fix,
      ...(error.cause instanceof Error ? { error: error.cause } : {}),
    });
  if (!options.enabled) return inertObservability(logger, custom);

  // Identity, and the log that carries it.
  const identity = resolveIdentity(
    options,
    environment,
    surroundings.servicePackage ?? readServicePackage(process.argv[1]),
  );
  const labels = identityLabels(identity);
  serviceLogger.configure({
    level: options.logs.level,
    format: options.logs.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    colour: process.stdout.isTTY === true && !environment.NO_COLOR,
    identity: labels,
    writeLine: options.logs.destinations.includes('stdout')
      ? (surroundings.writeLine ?? outputBeforeInit.writeLine)
      : undefined,
  });
  for (const problem of [...(surroundings.problems ?? []), ...warnings, ...checkProtocol(environment)]) {
    report(problem);
  }

  // Metrics first: everything else counts in them.
  const registry = createRegistry();
  if (options.metrics.runtime) collectDefaultMetrics({ register: registry });
  const selfMetrics = createSelfMetrics(registry);
  const complaints = metricComplaints(report);
  const metricSettings = {
    exemplars: options.metrics.exemplars,
    maxSeriesPerMetric: options.metrics.maxSeriesPerMetric,
    overflowed(metric: string) {
      selfMetrics.overflowed(metric);
      complaints.overflowed(metric);
    },
    rejected: complaints.rejected,
  };
  const httpMetrics = createHttpMetrics(registry, metricSettings);
  custom.connect(metricSettings);
  const otelMetrics = createOtelMetrics();
  const render = async (accept?: string) => {
    const format = negotiateFormat(accept);
    const metrics = await collectMetrics(
      [registry, custom.registry, defaultRegistry, ...options.metrics.registries],
      report,
      otelMetrics.collect(),
    );
    return {
      contentType: format === 'openmetrics' ? openMetricsContentType : textContentType,
      body: renderMetrics(metrics, labels, format),
    };
  };
  const metricsHandler = createMetricsHandler(
    render,
    options.metrics.endpoint ? options.metrics.endpoint.token : undefined,
  );
  const health = createHealth();

  // Traces.
  const sampler = createSampler(options.traces.sampler, options.traces.samplingRatio);
  const traces = createTracerPipeline(
    options.traces,
    identity,
    sampler,
    observeBoth(selfMetrics.observerFor('traces'), exportReporter('spans', options.traces.endpoint, report)),
  );
  const propagator = createPropagator(options.traces.propagators);
  const globals = registerGlobals(traces.provider, otelMetrics.provider, propagator);
  const watch = watchModuleLoads();
  watchForConflicts(watch, report);
  if (globals.foreignSdk) report(new ObservabilityError('OBS_SDK_ALREADY_REGISTERED'));
  routeSdkDiagnostics(logger, environment);
  const tracer = traces.provider.getTracer('@throughline/core', version);

  // Logs by OTLP.
  const otlpLogs = options.logs.destinations.includes('otlp')
    ? createLoggerPipeline(
        options.logs,
        identity,
        observeBoth(
          selfMetrics.observerFor('logs'),
          exportReporter('log records', options.logs.endpoint, report),
        ),
      )
    : undefined;
  const otlpTransport =
    otlpLogs &&
    new OtlpTransport(otlpLogs.provider.getLogger('@throughline/core', version), serviceLogger.recordOf);
  if (otlpTransport) logger.add(otlpTransport);

  // HTTP in and out.
  const redactQuery = createQueryRedaction(options.http.redactQueryParameters);
  const instrument = (
    instrumentation: Instrumentation,
    modules?: Readonly<Record<string, unknown>>,
    meterProvider: MeterProvider = otelMetrics.provider,
  ) =>
    applyInstrumentation(
      instrumentation,
      modules,
      { tracerProvider: traces.provider, meterProvider },
      watch,
      report,
    );
  const outgoing = createOutgoingInstrumentations(redactQuery);
  const clientRequestEnds = followClientRequests();
  const undos: (() => void)[] = [
    observeIncomingRequests({
      ...options.http,
      tracer,
      contextManager: globals.contextManager,
      propagator,
      redactQuery,
      recorder: httpMetrics.server,
    }),
    observeClientRequests(clientRequestEnds, httpMetrics.client),
    traceCapturedRequests(
      {
        tracer,
        contextManager: globals.contextManager,
        propagator,
        redactQuery,
        ends: clientRequestEnds,
      },
      outgoing.isTraced,
    ),
    () => clientRequestEnds.stop(),
    // The durations of client calls are measured by Throughline itself, alike for all of them.
    instrument(outgoing.http, undefined, noMetrics),
    instrument(outgoing.undici, undefined, noMetrics),
    ...options.instrumentations.map((instrumentation) => instrument(instrumentation)),
  ];

  // Plugins.
  let databaseMetrics: DatabaseMetrics | undefined;
  let messagingMetrics: MessagingMetrics | undefined;
  const tracerOf = (plugin: string) => traces.provider.getTracer(`@throughline/${plugin}`, version);
  const plugins = setUpPlugins(options.plugins, report, (name) => ({
    tracer: tracerOf(name),
    identity,
    options,
    logger: logger.child({ plugin: name }),
    metrics: { registry },
    get databases() {
      databaseMetrics ??= createDatabaseMetrics(registry, metricSettings);
      return createDatabaseOperations(tracerOf(name), databaseMetrics);
    },
    get messaging() {
      messagingMetrics ??= createMessagingMetrics(registry, metricSettings);
      return createMessagingOperations(tracerOf(name), messagingMetrics, propagator);
    },
    http: {
      setRoute(request, route) {
        const operation = serverRequestOf(request);
        if (operation) operation.route = route;
      },
      setRouteResolver(request, resolve) {
        const operation = serverRequestOf(request);
        if (operation) operation.resolveRoute = resolve;
        return operation !== undefined;
      },
      recordError: (request, error) => serverRequestOf(request)?.recordError(error),
    },
    instrument: (instrumentation, modules) => undos.push(instrument(instrumentation, modules)),
    patchModule: (patch, modules) => undos.push(patchModules([definitionOf(patch)], modules, watch, report)),
  }));
  undos.push(plugins.tearDown, () => watch.stop());

  // The endpoint, the end of the process, and what can be changed while it runs.
  // A worker thread cannot have the port that its main thread has.
  const endpoint =
    options.metrics.endpoint && isMainThread
      ? listenForScrapes(
          options.metrics.endpoint,
          {
            [options.metrics.endpoint.path]: metricsHandler,
            '/livez': health.livenessHandler,
            '/readyz': health.readinessHandler,
          },
          report,
        )
      : undefined;
  const flush = async (o: { readonly timeoutMillis?: number } = {}) => {
    await within(o.timeoutMillis ?? options.shutdown.timeoutMillis, [
      traces.forceFlush(),
      ...(otlpLogs ? [otlpLogs.forceFlush()] : []),
    ]);
  };
  const stopRetrying = () => {
    traces.stopRetrying();
    otlpLogs?.stopRetrying();
  };
  const flushAtEnd = () => {
    health.stopping();
    stopRetrying();
    return flush();
  };
  undos.push(flushBeforeExit(flushAtEnd));
  if (options.shutdown.handleSignals) undos.push(flushOnSignals(flushAtEnd));

  const logLevel = temporarySetting<string>('level', checkLogLevel, options.logs.level, (level) => {
    logger.level = level;
    logger.info(`Log level: ${level}.`);
  });
  const samplingRatio = temporarySetting<number | undefined>('ratio', checkRatio, undefined, (ratio) => {
    sampler.setRatio(ratio);
    logger.info(`Sampling ratio: ${ratio ?? 'as configured'}.`);
  });

  let shutdownPromise: Promise<void> | undefined;
  const observability: Observability = {
    ready: ready(),
    identity,
    logger,
    tracer,
    metrics: {
      registry,
      render,
      counter: (o) => custom.counter(o),
      gauge: (o) => custom.gauge(o),
      histogram: (o) => custom.histogram(o),
    },
    metricsHandler,
    health,
    plugins: plugins.names,
    setLogLevel: logLevel.set,
    setSamplingRatio: samplingRatio.set,
    flush,
    shutdown(o = {}) {
      shutdownPromise ??= shutdown(o.timeoutMillis ?? options.shutdown.timeoutMillis);
      return shutdownPromise;
    },
  };
  return observability;

  async function ready(): Promise<void> {
    const listening = await endpoint;
    logger.info('Throughline is on.', {
      'throughline.version': version,
      plugins: plugins.names,
      traces: describeTraces(options),
      ...(listening?.port === undefined ? {} : { metrics_port: listening.port }),
    });
  }

  async function shutdown(timeoutMillis: number): Promise<void> {
    health.stopping();
    for (const undo of undos.splice(0).reverse()) undo();
    logLevel.stop();
    samplingRatio.stop();
    stopRetrying();
    await within(timeoutMillis, [traces.shutdown(), ...(otlpLogs ? [otlpLogs.shutdown()] : [])]);
    // Last, so that a scrape gets the final counts.
    if (endpoint) await within(timeoutMillis, [endpoint.then((listening) => listening.close())]);
    // It answers no scrape from then on.
    await otelMetrics.shutdown();
    if (otlpTransport) logger.remove(otlpTransport);
    globals.release();
    custom.connect(undefined);
  }
}
