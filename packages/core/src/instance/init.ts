import { createAnnotate } from '../annotations/annotate.js';
import { annotationRules } from '../annotations/annotation-contract.js';
import { reservedAnnotations } from '../annotations/reserved-names.js';
import { serveMetrics } from '../cluster/serve-metrics.js';
import { keepTick } from '../context/kept-tick.js';
import { createLiveSettings } from '../control/live-settings.js';
import { diagnoseOnRequest } from '../diagnosis/on-request.js';
import { createPluginExports } from '../export/plugin-exports.js';
import { createOperationMetric } from '../graphql/graphql-metrics.js';
import { observeGraphql } from '../graphql/observe-graphql.js';
import { accessLog } from '../http/access-log.js';
import { createHttpMetrics } from '../http/http-metrics.js';
import { createRouteNaming } from '../http/named-routes.js';
import { observeHttp } from '../http/observe-http.js';
import { reportRouteFailure } from '../http/route-failure.js';
import { createJobMetrics } from '../jobs/job-metrics.js';
import { createJobRecorder } from '../jobs/job-recorder.js';
import type { Jobs } from '../jobs/jobs.js';
import { endWithProcess } from '../lifecycle/end-with-process.js';
import { createHealth } from '../lifecycle/health.js';
import { createLifetime } from '../lifecycle/lifetime.js';
import { setUpPlugins } from '../lifecycle/plugin-set.js';
import { createProblemRecord } from '../lifecycle/problem-record.js';
import { problemReporter } from '../lifecycle/report-problem.js';
import { routeSdkDiagnostics } from '../lifecycle/sdk-diagnostics.js';
import { sayStarted } from '../lifecycle/start-line.js';
import { canonicalLines } from '../logs/canonical-lines.js';
import { correlateModules } from '../logs/correlate-modules.js';
import {
  adjustableLevel,
  configureLogger,
  exportLogs,
  limitLogs,
  watchRequiredFields,
} from '../logs/log-pipeline.js';
import type { ProcessLogger } from '../logs/logger.js';
import type { ApplicationMetrics } from '../metrics/application-metrics.js';
import { checkContractAtStart } from '../metrics/contract-at-start.js';
import { startMetrics } from '../metrics/metric-pipeline.js';
import { ObservabilityError } from '../model/errors.js';
import { identityLabels, resolveIdentity } from '../model/identity.js';
import { version } from '../model/version.js';
import { workingDirectory } from '../model/working-directory.js';
import { joinApiCopies } from '../patching/api-copies.js';
import { watchForConflicts } from '../patching/conflicts.js';
import { createEsModules } from '../patching/es-modules.js';
import { loadInstalledInstrumentations } from '../patching/installed-instrumentations.js';
import { watchModuleLoads } from '../patching/module-load.js';
import { createPatcher } from '../patching/patcher.js';
import { redactIdentity } from '../redaction/identity-redaction.js';
import { observeRpc } from '../rpc/observe-rpc.js';
import { createRpcMetrics } from '../rpc/rpc-metrics.js';
import { once } from '../timing/once.js';
import { registerGlobals } from '../traces/globals.js';
import { checkProfiles } from './check-profiles.js';
import { handleOf } from './handle.js';
import { inertObservability, type Observability } from './observability.js';
import type { ObservabilityOptions } from './observability-options.js';
import { pluginContexts } from './plugin-context.js';
import { type Surroundings, settle } from './surroundings.js';
import { startTracing } from './tracing.js';

/** Wires one instance together, in order; every decision is made in the part that it concerns. */
export function startObservability(
  code: ObservabilityOptions,
  serviceLogger: ProcessLogger,
  application: ApplicationMetrics,
  jobs: Jobs,
  surroundings: Surroundings,
): Observability {
  const settled = settle(code, surroundings);
  const { environment, resolved } = settled;
  const { options } = resolved;
  const { logger } = serviceLogger;
  const problems = createProblemRecord();
  const report = problemReporter(logger, problems, environment);
  if (!options.enabled) return inertObservability(logger, application, jobs, 'off');

  // Identity, and the log that carries it.
  const servicePackage = settled.servicePackage();
  const identity = redactIdentity(resolveIdentity(options, environment, servicePackage));
  const labels = identityLabels(identity);
  const contract = checkContractAtStart(options, labels, application.registry);
  configureLogger(serviceLogger, options.logs, { environment, labels, writeLine: surroundings.writeLine });

  // Metrics before what counts in them.
  const metrics = startMetrics(resolved, identity, contract, application, report);
  const { registry, sdkHealth, otel } = metrics;
  const health = createHealth();

  // Log lines, on their way out.
  const requiredFields = watchRequiredFields(serviceLogger, options.contract, metrics.breachRecord);
  const logs = exportLogs(
    serviceLogger,
    options.logs,
    identity,
    labels,
    sdkHealth.observerFor('logs'),
    report,
  );
  const flood = limitLogs(serviceLogger, options.logs, sdkHealth.suppressed);
  for (const problem of [...settled.problems, ...contract.problems]) {
    report(problem);
  }

  // Traces, for everything that uses the OpenTelemetry API.
  const esModules = createEsModules(servicePackage.folder);
  const traceFailed = flood?.traceFailed;
  const onWork = esModules.onWork;
  const tracing = startTracing({ options, identity, metrics, logger, onWork, traceFailed, report });
  const { pipeline: traces, propagator, legacy, carrying } = tracing;
  const globals = registerGlobals(traces.provider, otel.provider, propagator);
  if (globals.hasOtherSdk) report(new ObservabilityError('OBS_SDK_ALREADY_REGISTERED'));
  routeSdkDiagnostics(logger, environment, report);
  const tracer = traces.provider.getTracer('@throughline/core', version);
  const letTickGo = keepTick();

  // What the service records itself: jobs, and fields of whatever is running.
  const canonicalLine = options.logs.canonicalLine ? canonicalLines(logger) : undefined;
  const annotate = createAnnotate({
    isForbidden: annotationRules(options.contract, metrics.breachRecord),
    reserved: reservedAnnotations,
    rejected: sdkHealth.annotationRejected,
    report,
  });
  const jobRecorder = createJobRecorder({
    tracer,
    metrics: once(() => createJobMetrics(registry, metrics.settings, jobs.known)),
    canonicalLine,
  });
  jobs.connect(jobRecorder, report);

  // What changes modules, loaded now or later.
  const watch = watchModuleLoads();
  metrics.followLoads(watch);
  joinApiCopies(globals.ownsTracer ? traces.provider : undefined, watch, report);
  watchForConflicts(watch, report);
  const providers = { tracerProvider: traces.provider, meterProvider: otel.provider };
  const patcher = createPatcher({ ...providers, watch, esModules, report });

  // HTTP in and out, stock instrumentations, the loggers that the service has already, plugins.
  const instrumentations =
    options.instrumentations === 'installed'
      ? loadInstalledInstrumentations(
          servicePackage.folder ?? workingDirectory(),
          options.plugins.map(({ name }) => name),
          report,
        )
      : options.instrumentations;
  const rpcMetrics = createRpcMetrics(registry, metrics.settings);
  const http = observeHttp({
    options: options.http,
    tracer,
    contextManager: globals.contextManager,
    propagator,
    metrics: createHttpMetrics(registry, metrics.settings, (call) =>
      rpcMetrics.server({ system: 'grpc', ...call }),
    ),
    legacy,
    carrying,
    accessLog: options.logs.access ? accessLog(logger) : undefined,
    routeFailed: reportRouteFailure(report),
    canonicalLine,
    stock: instrumentations,
  });
  const graphqlRecorder = patcher.record.by('graphql');
  const rpc = observeRpc({
    tracer,
    propagator,
    metrics: rpcMetrics,
    carrying,
    stock: instrumentations,
    patch: (patch, owner) => patcher.patch(patch, undefined, owner),
    recorder: patcher.record.by,
  });
  const graphql = observeGraphql({
    tracer,
    record: createOperationMetric(registry, metrics.settings),
    contextStorage: globals.contextStorage,
    report,
    stock: instrumentations,
    patch: (patch) => patcher.patch(patch, undefined, graphqlRecorder),
  });
  const stock = instrumentations.map((instrumentation) => ({
    stop: patcher.instrument(instrumentation),
  }));
  const logRecorder = patcher.record.by('logs');
  const correlated = correlateModules(options.logs.correlate, (patch) =>
    patcher.patch(patch, undefined, logRecorder),
  );
  const { tracerProvider } = providers;
  const pluginExports = createPluginExports(sdkHealth.profiles, report);
  const { contextFor, controlPaths } = pluginContexts({
    options,
    identity,
    logger,
    metrics,
    tracerProvider,
    propagator,
    patcher,
    canonicalLine,
    globals,
    exports: pluginExports,
    report,
  });
  const plugins = setUpPlugins(options.plugins, report, contextFor);
  checkProfiles(options, report);

  // What can be asked of it and changed while it runs, and the endpoint, for all processes of the service.
  const diagnose = diagnoseOnRequest({
    resolved,
    environment,
    identity,
    servicePackage,
    configFile: settled.configFile,
    breaches: metrics.breachRecord.all,
    isPushed: metrics.push !== undefined,
    registry,
    patches: patcher.record,
    plugins,
    problems,
    logger,
    endpoint: () => endpoint.ready,
  });
  const logLevel = adjustableLevel(serviceLogger, options.logs);
  const live = createLiveSettings({
    options,
    logger,
    logLevel,
    sampling: tracing.sampling,
    plugins,
    diagnose,
    files: controlPaths,
  });
  const endpoint = serveMetrics({ options, identity, metrics, health, live, report });

  // The end, phase by phase.
  const { push } = metrics;
  const lifetime = createLifetime(
    {
      recording: [
        requiredFields,
        logs.destinations,
        flood,
        live,
        http,
        rpc,
        graphql,
        ...stock,
        correlated,
        plugins,
        watch,
        legacy,
        { stop: () => jobs.connect(undefined) },
      ],
      export: [traces, logs, pluginExports],
      push: [push],
      serving: [health, endpoint],
      globals: [globals, metrics, { stop: letTickGo }],
    },
    report,
  );
  const waiting = [traces, logs, push];
  endWithProcess({
    options,
    lifetime,
    waiting,
    beforeEnd: jobRecorder.interrupt,
    leaveCounts: endpoint.leaveCounts,
    logger,
    report,
  });

  const ready = sayStarted(logger, options, plugins.names, endpoint.ready);
  return handleOf({
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
    nameRoute: createRouteNaming(report),
    diagnose,
    lifetime,
  });
}
