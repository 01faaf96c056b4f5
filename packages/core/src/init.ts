import type { MeterProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { serveMetrics } from './cluster/serve-metrics.js';
import { createLiveSettings } from './control/live-settings.js';
import { createDatabaseMetrics } from './databases/database-metrics.js';
import { createDatabaseOperations } from './databases/database-operations.js';
import { diagnoseOnRequest } from './diagnosis/on-request.js';
import { exportReporter, observeBoth } from './export/export-reporter.js';
import { createTracerPipeline } from './export/providers.js';
import { accessLog } from './http/access-log.js';
import { createHttpMetrics } from './http/http-metrics.js';
import { observeHttp } from './http/observe-http.js';
import { outgoingHeaders } from './http/outgoing-headers.js';
import { httpRequests } from './http/plugin-requests.js';
import { inertObservability, type Observability } from './instance/observability.js';
import type { ObservabilityOptions } from './instance/observability-options.js';
import { createLegacyBridge } from './legacy/legacy-bridge.js';
import { createHealth } from './lifecycle/health.js';
import { logCrashes } from './lifecycle/log-crashes.js';
import { setUpPlugins } from './lifecycle/plugin-set.js';
import { createProblemRecord } from './lifecycle/problem-record.js';
import { watchProcessEnd } from './lifecycle/process-end.js';
import { problemReporter } from './lifecycle/report-problem.js';
import { routeSdkDiagnostics } from './lifecycle/sdk-diagnostics.js';
import { senderAtEnd } from './lifecycle/send-at-end.js';
import { flushBeforeExit, flushOnSignals } from './lifecycle/signals.js';
import { checkProtocol, describeTraces } from './lifecycle/startup-checks.js';
import { correlateModules } from './logs/correlate-modules.js';
import {
  adjustableLevel,
  configureLogger,
  exportLogs,
  limitLogs,
  watchRequiredFields,
} from './logs/log-pipeline.js';
import { ownLine } from './logs/log-record.js';
import type { ServiceLogger } from './logs/logger.js';
import { createMessagingMetrics } from './messaging/messaging-metrics.js';
import { createMessagingOperations } from './messaging/messaging-operations.js';
import type { ApplicationMetrics } from './metrics/application-metrics.js';
import { checkContractAtStart } from './metrics/contract-at-start.js';
import { metricDeclarations } from './metrics/metric-declarations.js';
import { startMetrics } from './metrics/metric-pipeline.js';
import { type Environment, readEnvironment } from './model/environment.js';
import { ObservabilityError } from './model/errors.js';
import {
  identityLabels,
  readServicePackage,
  resolveIdentity,
  type ServicePackage,
} from './model/identity.js';
import { version } from './model/version.js';
import { resolveOptions } from './options/resolve.js';
import { joinApiCopies } from './patching/api-copies.js';
import { applyPatch } from './patching/apply-patch.js';
import { watchForConflicts } from './patching/conflicts.js';
import { createEsModules } from './patching/es-modules.js';
import { watchModuleLoads } from './patching/module-load.js';
import { createPatchRecord } from './patching/patch-record.js';
import { applyInstrumentation } from './patching/stock-instrumentation.js';
import { once } from './timing/once.js';
import { within } from './timing/within.js';
import { registerGlobals } from './traces/globals.js';
import { createPropagator } from './traces/propagation.js';
import { createSampler, samplerThatTells } from './traces/sampler.js';

/** What stands around a call of `initObservability`: given by the `register` entry and by tests. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly configFile?: ObservabilityOptions | undefined;
  /** Whether the plugins in code were found installed, and listed by nobody. */
  readonly arePluginsFound?: boolean;
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
  application: ApplicationMetrics,
  surroundings: Surroundings,
): Observability {
  const environment = surroundings.environment ?? readEnvironment();
  const { options, sources, warnings } = resolveOptions(code, environment, surroundings.configFile);
  const { logger } = serviceLogger;
  const problems = createProblemRecord();
  const report = problemReporter(logger, problems, environment);
  if (!options.enabled) return inertObservability(logger, application, 'off');

  // Identity, and the log that carries it.
  const servicePackage = surroundings.servicePackage ?? readServicePackage(process.argv[1]);
  const identity = resolveIdentity(options, environment, servicePackage);
  const labels = identityLabels(identity);
  const contract = checkContractAtStart(options, labels, application.registry);
  configureLogger(serviceLogger, options.logs, { environment, labels, writeLine: surroundings.writeLine });

  // Metrics first: everything else counts in them.
  const isPushGiven = typeof (code.metrics?.push ?? surroundings.configFile?.metrics?.push) === 'object';
  const metrics = startMetrics(options, identity, contract, application, report, isPushGiven);
  const unwatch = watchRequiredFields(serviceLogger, options.contract, metrics.breachRecord);
  const health = createHealth();
  const logs = exportLogs(
    serviceLogger,
    options.logs,
    identity,
    labels,
    metrics.self.observerFor('logs'),
    report,
  );
  const flood = limitLogs(serviceLogger, options.logs, metrics.self.suppressed);
  for (const problem of [
    ...(surroundings.problems ?? []),
    ...warnings,
    ...checkProtocol(environment),
    ...contract.problems,
  ]) {
    report(problem);
  }

  // Traces, with the bridge from hand-made headers around their propagation.
  const legacy = createLegacyBridge(options.legacyTraceHeader, metrics.registry, logger);
  const esModules = createEsModules();
  const sampler = createSampler(options.traces.sampler, options.traces.samplingRatio);
  const traces = createTracerPipeline(
    options.traces,
    identity,
    samplerThatTells(sampler, esModules.onWork),
    observeBoth(metrics.self.observerFor('traces'), exportReporter('spans', options.traces.endpoint, report)),
    { roots: legacy?.roots, failed: flood?.traceFailed },
  );
  const configured = createPropagator(options.traces.propagators);
  const bridged = legacy?.wrap(configured) ?? configured;
  const carrying = outgoingHeaders(options.http.propagateTo);
  const propagator = carrying?.wrap(bridged) ?? bridged;
  const globals = registerGlobals(traces.provider, metrics.otel.provider, propagator);
  const watch = watchModuleLoads();
  joinApiCopies(globals.ownsTracer ? traces.provider : undefined, watch, report);
  watchForConflicts(watch, report);
  if (globals.foreignSdk) report(new ObservabilityError('OBS_SDK_ALREADY_REGISTERED'));
  routeSdkDiagnostics(logger, environment, report);
  const tracer = traces.provider.getTracer('@throughline/core', version);
  const patching = { watch, esModules, report };

  // HTTP in and out.
  const patches = createPatchRecord();
  const instrument = (
    instrumentation: Instrumentation,
    modules?: Readonly<Record<string, unknown>>,
    meterProvider: MeterProvider = metrics.otel.provider,
    record = patches.by(instrumentation.instrumentationName),
  ) =>
    applyInstrumentation(
      instrumentation,
      modules,
      { tracerProvider: traces.provider, meterProvider },
      watch,
      report,
      record,
    );
  const undos: (() => void)[] = [
    observeHttp({
      options: options.http,
      tracer,
      contextManager: globals.contextManager,
      propagator,
      metrics: createHttpMetrics(metrics.registry, metrics.settings),
      legacy,
      carrying,
      accessLog: options.logs.access ? accessLog(logger) : undefined,
      instrument,
    }),
    ...options.instrumentations.map((instrumentation) => instrument(instrumentation)),
  ];

  // The loggers that the service has of its own.
  const loggerPatches = patches.by('logs');
  const correlated = correlateModules(options.logs.correlate, (patch) =>
    applyPatch(patch, undefined, patching, loggerPatches),
  );
  undos.push(correlated);

  // Plugins.
  const tracerOf = (plugin: string) => traces.provider.getTracer(`@throughline/${plugin}`, version);
  // Metrics of what a service does not use would be noise in its answers.
  const databaseMetrics = once(() => createDatabaseMetrics(metrics.registry, metrics.settings));
  const messagingMetrics = once(() => createMessagingMetrics(metrics.registry, metrics.settings));
  const plugins = setUpPlugins(options.plugins, report, (name, onTearDown) => {
    const record = patches.by(name);
    return {
      tracer: tracerOf(name),
      identity,
      options,
      logger: logger.child({ plugin: name }),
      metrics: { registry: metrics.registry },
      get databases() {
        return createDatabaseOperations(tracerOf(name), databaseMetrics(), onTearDown);
      },
      get messaging() {
        return createMessagingOperations(tracerOf(name), messagingMetrics(), propagator, onTearDown);
      },
      http: httpRequests,
      instrument: (instrumentation, modules) =>
        onTearDown(instrument(instrumentation, modules, undefined, record)),
      patchModule: (patch, modules) => onTearDown(applyPatch(patch, modules, patching, record)),
    };
  });
  undos.push(
    plugins.tearDown,
    () => watch.stop(),
    () => legacy?.stop(),
  );

  // What can be asked of it and changed while it runs.
  const diagnose = diagnoseOnRequest({
    resolved: {
      options,
      sources: surroundings.arePluginsFound ? { ...sources, plugins: 'installed packages' } : sources,
    },
    environment,
    identity,
    servicePackage,
    breaches: metrics.breachRecord.all,
    isPushed: metrics.isPushed,
    registry: metrics.registry,
    patches,
    plugins,
    problems,
    logger,
    endpoint: () => endpoint.ready,
  });
  const logLevel = adjustableLevel(serviceLogger, options.logs);
  const live = createLiveSettings({ options, logger, logLevel, sampler, plugins, diagnose });

  // The endpoint, for all processes of the service, and the end of the process.
  const endpoint = serveMetrics({ options, identity, metrics, health, live, report });
  const flush = async (o: { readonly timeoutMillis?: number } = {}) => {
    await within(o.timeoutMillis ?? options.shutdown.timeoutMillis, [
      traces.forceFlush(),
      logs.forceFlush(),
      metrics.forceFlush(),
      endpoint.handOver(),
    ]);
  };
  const hurry = (longestMillis: number) => {
    traces.hurry(longestMillis);
    logs.hurry(longestMillis);
    metrics.hurryPush(longestMillis);
  };
  const flushAtEnd = () => {
    health.stopping();
    hurry(options.shutdown.timeoutMillis);
    return flush();
  };
  undos.push(flushBeforeExit(flushAtEnd));
  if (options.shutdown.handleSignals) undos.push(flushOnSignals(flushAtEnd));
  const { exitTimeoutMillis } = options.shutdown;
  undos.push(
    watchProcessEnd(senderAtEnd({ traces, logs, metrics, timeoutMillis: exitTimeoutMillis, report })),
  );
  if (options.logs.crashes) undos.push(logCrashes(logger));

  let shutdownPromise: Promise<void> | undefined;
  const observability: Observability = {
    ready: ready(),
    identity,
    logger,
    tracer,
    metrics: {
      registry: metrics.registry,
      render: metrics.render,
      ...metricDeclarations(() => application),
    },
    metricsHandler: metrics.handler,
    controlHandler: live.handler,
    health,
    plugins: plugins.names,
    setLogLevel: live.setLogLevel,
    setSamplingRatio: live.setSamplingRatio,
    setPluginEnabled: live.setPluginEnabled,
    diagnose,
    flush,
    shutdown(o = {}) {
      shutdownPromise ??= shutdown(o.timeoutMillis ?? options.shutdown.timeoutMillis);
      return shutdownPromise;
    },
  };
  return observability;

  async function ready(): Promise<void> {
    const port = (await endpoint.ready)?.port;
    if (!options.logs.startLine) return;
    logger.info('Throughline is on.', {
      'throughline.version': version,
      plugins: plugins.names,
      traces: describeTraces(options),
      ...(port === undefined ? {} : { metrics_port: port }),
      [ownLine]: true,
    });
  }

  async function shutdown(timeoutMillis: number): Promise<void> {
    const endMillis = performance.now() + timeoutMillis;
    health.stopping();
    for (const undo of undos.splice(0).reverse()) undo();
    live.stop();
    hurry(timeoutMillis);
    flood?.stop();
    unwatch();
    logs.remove();
    // Metrics are pushed after the rest, with the counts of it; a backend that hangs leaves them half of the time.
    await within(metrics.isPushed ? timeoutMillis / 2 : timeoutMillis, [traces.shutdown(), logs.shutdown()]);
    // What is still under way would hold the process.
    traces.abandon();
    logs.abandon();
    await within(endMillis - performance.now(), [metrics.stopPush()]);
    metrics.abandonPush();
    // Last, so that a scrape gets the final counts.
    await within(timeoutMillis, [endpoint.close()]);
    metrics.stop();
    globals.release();
  }
}
