import { help, page } from './pages.js';

/**
 * Every problem that Throughline can report. `docs/reference/errors.md` is generated
 * from this catalogue, so a code never changes its meaning.
 */
export const errorCatalogue = {
  OBS_OPTION_UNKNOWN: {
    message: 'An option does not exist.',
    cause: 'The name is misspelled, sits in the wrong group, or belongs to a newer version.',
    fix: `Use one of the names in ${page('reference/options.md')}.`,
  },
  OBS_OPTION_INVALID: {
    message: 'An option has a value that it does not accept.',
    cause: 'The type is wrong, the number is out of range, or the word is not one of the allowed ones.',
    fix: `Pass a value of the type that the message names; ${page('reference/options.md')} lists them all.`,
  },
  OBS_ENVIRONMENT_INVALID: {
    message: 'An environment variable has an invalid value. The next source of the option was used instead.',
    cause: 'The value was probably mistyped in the deployment. The service starts anyway.',
    fix: 'Correct the variable that the message names.',
  },
  OBS_CONFIG_FILE_INVALID: {
    message: 'throughline.config could not be used.',
    cause: 'The file throws, or does not export an object of options as its default export.',
    fix: 'Let the file do nothing but `export default { … }` (or `module.exports = { … }`). It takes the options of initObservability.',
  },
  OBS_ALREADY_INITIALIZED: {
    message:
      'initObservability was called again with other options. The options of the first call stay in effect.',
    cause: 'Two modules start observability, or one of them is evaluated twice.',
    fix: 'Keep one call and import its result elsewhere, or use getObservability().',
  },
  OBS_PLUGIN_INVALID: {
    message: 'Something in `plugins` is not a plugin.',
    cause: 'The plugin function itself was passed instead of its result, or the object has no name or setup.',
    fix: 'Call it: `plugins: [expressPlugin()]`.',
  },
  OBS_PLUGIN_SETUP_FAILED: {
    message: 'A plugin threw an error while it was set up. The other plugins work without it.',
    cause: 'The plugin has a defect, or it does not support the version of the library.',
    fix: 'Read the cause in the log line. Update the plugin, or remove it until it is fixed.',
  },
  OBS_PLUGIN_NOT_LOADED: {
    message: 'A plugin that the service has installed could not be loaded.',
    cause: 'Its package is broken or not installed, or does not export `throughlinePlugin`.',
    fix: 'Install the package again, or list the plugins yourself in throughline.config.',
  },
  OBS_INSTRUMENTATION_FAILED: {
    message: 'An instrumentation could not be applied to a module. The module works, but it is not recorded.',
    cause:
      'The instrumentation does not support this version of the module, or the module does not allow changes.',
    fix: 'Update the instrumentation, or pass the module to the plugin with the option `modules`.',
  },
  OBS_LIBRARY_UNSUPPORTED: {
    message:
      'A library is loaded in a version that its plugin does not support. It works, but it is not recorded.',
    cause: 'The version is older or newer than those that the plugin supports.',
    fix: 'Install a supported version of the library, or a newer version of the plugin.',
  },
  OBS_ROUTE_NOT_RECORDED: {
    message: 'The route of a request was not recorded. The request was served.',
    cause:
      'observability.route() was called with a wrong value, with another object than the request, after the end of the response, or with paths instead of templates; or a plugin failed while it looked for the route.',
    fix: "Call observability.route(request, '/orders/:id') with the template of the route, before the response ends.",
  },
  OBS_METRICS_PORT_IN_USE: {
    message: 'The metrics endpoint could not start, because its port is in use. The service runs without it.',
    cause: 'Another process, often another service on the same host, already listens there.',
    fix: 'Set metrics.endpoint.port (OTEL_EXPORTER_PROMETHEUS_PORT) to a free port, or mount observability.metricsHandler in the service and set metrics.endpoint to false.',
  },
  OBS_METRICS_ENDPOINT_FAILED: {
    message: 'The metrics endpoint could not start. The service runs without it.',
    cause: 'The host is not an address of this machine, or the process has no permission to use the port.',
    fix: 'Set metrics.endpoint.host and metrics.endpoint.port to an address and a port that this process may listen on.',
  },
  OBS_CLUSTER_UNAVAILABLE: {
    message:
      'The processes or threads of the service cannot reach each other. Each serves only its own metrics.',
    cause:
      'Neither the temporary folder nor shared memory is writable, or another user owns a folder of this name there.',
    fix: 'Set TMPDIR to a folder that the processes can write to, or set metrics.cluster to false.',
  },
  OBS_CLUSTER_SILENT: {
    message: 'A process or thread of the service did not deliver its metrics in time.',
    cause: 'Its event loop is blocked, or a collect callback takes very long.',
    fix: 'Find out what blocks it. The metric throughline_cluster_failures_total counts how often this happens.',
  },
  OBS_CLUSTER_STATE_FAILED: {
    message: 'The totals of the processes could not be saved for the next process that serves them.',
    cause: 'The temporary folder is full, or another program changed a file in it.',
    fix: 'Free space in the temporary folder. Until then counters restart from zero when the process that serves them is killed.',
  },
  OBS_METRICS_COLLECT_FAILED: {
    message: 'A metric could not be collected. The other metrics were served.',
    cause: 'The collect callback of a metric threw, rejected, or did not finish in time.',
    fix: 'Fix the collect callback of the metric that the message names.',
  },
  OBS_METRIC_INVALID: {
    message: 'A metric was declared with a name, label or help text that Prometheus does not accept.',
    cause:
      'Names consist of letters, digits and underscores; a counter ends in _total; `le`, `quantile` and `otel_metric_overflow` are reserved.',
    fix: 'Rename it as the message says. The conventions are at https://prometheus.io/docs/practices/naming/.',
  },
  OBS_METRIC_CONFLICT: {
    message: 'A metric was declared twice, with different kinds or different labels.',
    cause: 'Two modules use one name for different things.',
    fix: 'Declare it once and import it, or give one of them another name.',
  },
  OBS_METRIC_VALUE_REJECTED: {
    message: 'A metric got a value that it cannot record. The value was dropped.',
    cause:
      'The value is NaN, Infinity, negative for a counter, or not a number at all, for example a string.',
    fix: 'Fix the code that calculates the value. The message names the metric.',
  },
  OBS_METRIC_CALL_INVALID: {
    message: 'A method of a metric was called with wrong arguments, or does not exist.',
    cause:
      'The call uses a label that the metric was not declared with, passes the value before the labels, or uses a method of another library.',
    fix: `Call it as the message says. The methods are those of prom-client (${page('metrics.md')}), and the labels come first.`,
  },
  OBS_METRIC_OVERFLOW: {
    message:
      'A metric has reached its limit of series. New label values are recorded in one overflow series.',
    cause: 'A label has an unlimited number of values, such as ids, paths or host names.',
    fix: 'Remove that label from the metric. If the number of its values is limited, raise metrics.maxSeriesPerMetric instead.',
  },
  OBS_EXPORT_FAILED: {
    message: 'Telemetry could not be sent.',
    cause:
      'The OTLP endpoint is down, refuses the data or the credentials, has a certificate that is not trusted, or speaks another protocol.',
    fix: 'Check OTEL_EXPORTER_OTLP_ENDPOINT (normally port 4318 for OTLP over HTTP, 4317 for gRPC) and OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_HEADERS and, for a private certificate authority, OTEL_EXPORTER_OTLP_CERTIFICATE.',
  },
  OBS_EXPORT_DROPPED: {
    message: 'Telemetry was dropped because it could not be sent fast enough.',
    cause: 'The backend is slower than the service, or down, and the queue is full.',
    fix: 'Check the backend, or raise OTEL_BSP_MAX_QUEUE_SIZE (spans) or OTEL_BLRP_MAX_QUEUE_SIZE (log records).',
  },
  OBS_EXPORT_RECOVERED: {
    message: 'Telemetry is sent again. Some of it was lost before.',
    cause: 'The backend or the disk was down, or too slow, for a while.',
    fix: 'Nothing has to be done now. If it happens often, check the backend, or raise OTEL_BSP_MAX_QUEUE_SIZE (spans) or OTEL_BLRP_MAX_QUEUE_SIZE (log records).',
  },
  OBS_CONTRACT_INVALID: {
    message: 'A contract cannot be used.',
    cause: 'A property is misspelled, has a value of the wrong type, or contradicts another property.',
    fix: `Correct the contract as the message says. ${page('contract.md')} shows an example.`,
  },
  OBS_CONTRACT_BREACHED: {
    message: 'The service does not meet its contract.',
    cause:
      'A required part of its identity is missing or has an unknown value, or a metric has a label or a name that the contract does not allow.',
    fix: `Correct what the message lists, or ask the owners of the contract. ${page('contract.md')} explains each rule.`,
  },
  OBS_LOGGER_UNKNOWN: {
    message: 'correlate() was called with something that is not a supported logger.',
    cause: 'It supports loggers of winston 3, pino, bunyan and NestJS (ConsoleLogger).',
    fix: 'Pass the logger itself, not its options. With another logging library, write through the `logger` of @throughline/core.',
  },
  OBS_LOG_FILE_FAILED: {
    message: 'Log lines could not be written to a file.',
    cause: 'The disk is full, the folder is not writable, or the path is not a file.',
    fix: 'Free space on the disk, or correct the path in logs.destinations. Writing resumes by itself.',
  },
  OBS_OTHER_AGENT: {
    message: 'Another observability agent is loaded in this process.',
    cause: 'dd-trace, @sentry/node, a NodeSDK or another agent instruments the same modules.',
    fix: 'Remove one of the two agents, or switch one off while you compare them.',
  },
  OBS_SDK_ALREADY_REGISTERED: {
    message: 'Another OpenTelemetry SDK is already registered in this process.',
    cause: 'dd-trace, @sentry/node or a NodeSDK registered with the OpenTelemetry API first.',
    fix: 'Start only one SDK. Until then Throughline records with its own tracer, and spans that the service creates through the OpenTelemetry API go to the other SDK.',
  },
  OBS_SDK_REGISTERED_LATER: {
    message: 'Another OpenTelemetry SDK was started after Throughline. Throughline stays active.',
    cause: 'A NodeSDK, @sentry/node or another SDK also registers with the OpenTelemetry API.',
    fix: 'Start only one SDK. Remove the code that starts the other SDK, and pass its instrumentations to Throughline in the option `instrumentations`.',
  },
  OBS_PACKAGE_TOO_OLD: {
    message: 'An installed package is too old for Throughline. Everything else is recorded.',
    cause:
      'An override, a resolution or a lock file pins prom-client, the OpenTelemetry API or an instrumentation to a version that Throughline does not support.',
    fix: 'Install the version that the message names, and remove the override that pins the old version.',
  },
  OBS_TRACED_INVALID: {
    message: '@traced() was applied to something that is not a method.',
    cause: 'The decorator is on a class, a field or an accessor.',
    fix: 'Put it on a method, or call withSpan inside the accessor or function.',
  },
  OBS_JOB_INVALID: {
    message: 'observeJob was called without a valid name or function, or with wrong options.',
    cause:
      'An argument is missing or in the wrong place, the result of the function was passed instead of the function, or the name is not a short text.',
    fix: "Call it as observeJob('nightly report', async () => { … }), and pass the result to the scheduler or call it.",
  },
  OBS_JOB_NAMES_MANY: {
    message: 'There are more than 200 names of jobs. Further jobs are recorded under one name, `_OTHER`.',
    cause: 'The names of the jobs are made of ids, dates or other values that differ from run to run.',
    fix: 'Give each job one fixed name. Add what differs with annotate({ … }) inside the job.',
  },
  OBS_HEALTH_CHECK_INVALID: {
    message: 'A health check has no valid name or function, or wrong options.',
    cause:
      'An argument is missing or in the wrong place, or the result of the check was passed instead of its function.',
    fix: "Call it as health.addReadinessCheck('database', () => pool.query('SELECT 1'), { timeoutMillis: 2_000 }).",
  },
  OBS_ANNOTATION_REJECTED: {
    message: 'annotate() was called with something that cannot be recorded. It is reported once and counted.',
    cause:
      'The name is not in the form `order.id`, or belongs to Throughline; the value is an object; there are too many fields; or nothing was running that they could be added to.',
    fix: `Use short fixed names, plain values, and call annotate() while the request, message or job runs. ${page('logs.md')} lists the rules.`,
  },
  OBS_GRAPHQL_COPIED: {
    message:
      'GraphQL operations are not recorded: the server had copied `execute` before Throughline started.',
    cause: 'The server is Mercurius, or an ES module that imports `graphql`, and it was loaded first.',
    fix: 'Start the service with `node --import @throughline/core/register`, or call initObservability in a file that is loaded first.',
  },
  OBS_PROFILER_UNAVAILABLE: {
    message: 'Profiles are off, because the profiler could not be started. The service runs without them.',
    cause:
      'There is no binary of @datadog/pprof for this platform and version of Node, the package is not installed completely, or the process may not load native addons (`--permission` without `--allow-addons`).',
    fix: `Install @throughline/profiles again, allow addons, or use a platform and a version of Node that ${page('profiles.md')} lists.`,
  },
  OBS_PROFILER_CONFLICT: {
    message: 'Another profiler runs in this process. Throughline leaves it alone, and records no profiles.',
    cause:
      'dd-trace, @pyroscope/nodejs or @datadog/pprof profiles the process already, or the process was started with `--cpu-prof`, `--heap-prof` or `--prof`.',
    fix: 'Keep one profiler: switch off the other one, or remove the endpoint of the option `profiles`.',
  },
  OBS_PROFILER_SLOWED: {
    message: 'The process is overloaded. Profiles are taken with fewer samples until it recovers.',
    cause:
      'The event loop had no pause for a whole profile, or making profiles took more than its share of the time.',
    fix: 'The profiles show what keeps the process busy. If it is meant to be this busy, set `profiles.samplingIntervalMillis` to a larger value.',
  },
  OBS_PROFILES_NOT_RECORDED: {
    message: 'The option `profiles` has an endpoint, but the plugin that makes profiles is not there.',
    cause: 'The package @throughline/profiles is not installed, or its plugin is not among `plugins`.',
    fix: 'Install @throughline/profiles, and pass profilesPlugin() to `plugins` if you list plugins yourself.',
  },
  OBS_GRAPHQL_UNREACHABLE: {
    message: 'GraphQL operations are not recorded: the server, an ES module, gives no access to them.',
    cause: 'GraphQL Yoga from 5.13 to 5.20 as an ES module.',
    fix: 'Install graphql-yoga 5.21 or later, or load it with `require`.',
  },
  OBS_SHUTDOWN_FAILED: {
    message: 'A part of Throughline could not be shut down. All other parts were.',
    cause: 'A plugin, an instrumentation or an exporter threw an error while it was shut down.',
    fix: 'The logged error names the part. Report the error to its author.',
  },
  OBS_WITH_SPAN_INVALID: {
    message: 'withSpan was called without a function.',
    cause: 'An argument is missing, or the arguments are in the wrong order.',
    fix: "Call it as withSpan('charge card', async (span) => { … }).",
  },
} as const satisfies Record<string, { message: string; cause: string; fix: string }>;

/** Code of an {@link ObservabilityError}: a key of the catalogue in docs/reference/errors.md. */
export type ErrorCode = keyof typeof errorCatalogue;

/**
 * The error that Throughline throws for invalid input at start. At run time Throughline logs it and throws nothing.
 *
 * @example
 * try {
 *   initObservability({ serviceName: '' });
 * } catch (error) {
 *   if (error instanceof ObservabilityError) console.error(error.code, error.fix);
 * }
 */
export class ObservabilityError extends Error {
  override readonly name = 'ObservabilityError';
  /** Stable code, for example `OBS_OPTION_UNKNOWN`. */
  readonly code: ErrorCode;
  /** How to fix it, in one or two sentences. */
  readonly fix: string;
  /** Where the code is explained: the address of its page, or the command that prints it. */
  readonly help: string;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown; fix?: string }) {
    const entry = errorCatalogue[code];
    super(detail ?? entry.message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.fix = options?.fix ?? entry.fix;
    this.help = help(code);
  }
}
