/**
 * The catalogue of everything that Throughline can complain about. `docs/reference/errors.md` is generated
 * from it, so a code never changes its meaning.
 */
export const errorCatalogue = {
  OBS_OPTION_UNKNOWN: {
    message: 'An option does not exist.',
    cause: 'The name is misspelled, sits in the wrong group, or belongs to a newer version.',
    fix: 'Use one of the names in docs/reference/options.md.',
  },
  OBS_OPTION_INVALID: {
    message: 'An option has a value that it does not take.',
    cause: 'The type is wrong, the number is out of range, or the word is not one of the allowed ones.',
    fix: 'Pass a value of the type that the message names; docs/reference/options.md lists them all.',
  },
  OBS_ENVIRONMENT_INVALID: {
    message: 'An environment variable has a value that cannot be used; the next source was used instead.',
    cause: 'A typo in a deployment. It never stops the service.',
    fix: 'Correct the variable that the message names.',
  },
  OBS_COMMAND_INVALID: {
    message: 'The command line is wrong.',
    cause: 'A command or an option does not exist, or an option lacks its value.',
    fix: 'Run `throughline --help`, or `throughline <command> --help`.',
  },
  OBS_COMMAND_INPUT: {
    message: 'A file, package or address that a command needs could not be read.',
    cause:
      'It does not exist, cannot be reached, throws while it is loaded, or exports something else than expected.',
    fix: 'Correct the path or address that the message names. Paths are relative to the current folder.',
  },
  OBS_EXPOSITION_INVALID: {
    message: 'Metrics could not be read.',
    cause: 'The text is not in the Prometheus text format 0.0.4 or in OpenMetrics, or it has no samples.',
    fix: 'Pass the address of a metrics endpoint, or a file with its answer, to --metrics.',
  },
  OBS_CONFIG_FILE_INVALID: {
    message: 'throughline.config could not be used.',
    cause: 'The file throws, or does not export an object of options as its default export.',
    fix: 'Make `export default { … }` (or `module.exports = { … }`) its only effect; its options are those of initObservability.',
  },
  OBS_ALREADY_INITIALIZED: {
    message: 'initObservability was called again with other options; the first call stays in force.',
    cause: 'Two modules start observability, or one of them is evaluated twice.',
    fix: 'Keep one call and import its result elsewhere, or use getObservability().',
  },
  OBS_PLUGIN_INVALID: {
    message: 'Something in `plugins` is not a plugin.',
    cause: 'The plugin function itself was passed instead of its result, or the object has no name or setup.',
    fix: 'Call it: `plugins: [expressPlugin()]`.',
  },
  OBS_PLUGIN_SETUP_FAILED: {
    message: 'A plugin threw while it was set up; the others go on without it.',
    cause: 'A defect in the plugin, or a library version that it does not know.',
    fix: 'Read the cause in the log line; update the plugin, or remove it until it is mended.',
  },
  OBS_PLUGIN_NOT_LOADED: {
    message: 'A plugin that the service has installed could not be loaded.',
    cause: 'Its package is broken or not installed, or does not export `throughlinePlugin`.',
    fix: 'Install the package again, or list the plugins yourself in throughline.config.',
  },
  OBS_INSTRUMENTATION_FAILED: {
    message: 'An instrumentation could not be applied to a module; the module works on without it.',
    cause:
      'A version of the module that the instrumentation does not know, or a module that forbids changes.',
    fix: 'Update the instrumentation, or pass the module to the plugin by its `modules` option.',
  },
  OBS_METRICS_PORT_IN_USE: {
    message:
      'The metrics endpoint could not listen because its port is taken; the service runs on without it.',
    cause: 'Another process, often another service on the same host, already listens there.',
    fix: 'Set metrics.endpoint.port (OTEL_EXPORTER_PROMETHEUS_PORT) to a free port, or mount observability.metricsHandler in the service and set metrics.endpoint to false.',
  },
  OBS_METRICS_ENDPOINT_FAILED: {
    message: 'The metrics endpoint could not listen; the service runs on without it.',
    cause: 'The host cannot be bound, or the process may not use the port.',
    fix: 'Set metrics.endpoint.host and metrics.endpoint.port to something this process may bind.',
  },
  OBS_CLUSTER_UNAVAILABLE: {
    message:
      'The processes or threads of the service cannot meet; each has only its own metrics to answer with.',
    cause:
      'Neither the temporary folder nor shared memory can be written to, or somebody else has made a folder of this name there.',
    fix: 'Give the processes a TMPDIR that they can write to, or set metrics.cluster to false.',
  },
  OBS_CLUSTER_SILENT: {
    message: 'A process or thread of the service did not hand over its metrics in time.',
    cause: 'Its event loop is blocked, or a collect callback takes very long.',
    fix: 'Find out what blocks it; throughline_cluster_failures_total counts how often it happens.',
  },
  OBS_CLUSTER_STATE_FAILED: {
    message:
      'What the processes of the service have counted could not be kept for the next one that answers.',
    cause: 'The temporary folder is full, or a file in it was changed by somebody else.',
    fix: 'Free the temporary folder. Until then counters start anew when the process that answers is killed.',
  },
  OBS_METRICS_COLLECT_FAILED: {
    message: 'A metric could not be collected; the rest was served.',
    cause: 'The collect callback of a metric threw, rejected, or did not finish in time.',
    fix: 'Mend the collect callback of the metric that the message names.',
  },
  OBS_METRIC_INVALID: {
    message: 'A metric was declared with a name, label or help text that Prometheus does not take.',
    cause:
      'Names consist of letters, digits and underscores; a counter ends in _total; `le`, `quantile` and `otel_metric_overflow` are taken.',
    fix: 'Rename it as the message says; https://prometheus.io/docs/practices/naming/ has the conventions.',
  },
  OBS_METRIC_CONFLICT: {
    message: 'A metric was declared twice with another kind or other labels.',
    cause: 'Two modules use one name for different things.',
    fix: 'Declare it once and import it, or give one of them another name.',
  },
  OBS_METRIC_VALUE_REJECTED: {
    message: 'A value that a metric cannot take was left out.',
    cause:
      'NaN, Infinity, a negative step of a counter, or something that is no number, such as a number as text.',
    fix: 'Mend the calculation in front of the metric that the message names.',
  },
  OBS_METRIC_CALL_INVALID: {
    message: 'A metric was called in a way that it does not take.',
    cause:
      'The call names a label that the metric was not declared with, passes the value before the labels, or is a method that other libraries have.',
    fix: 'Call it as the message says: the methods are those of prom-client (docs/metrics.md), and the labels come first.',
  },
  OBS_METRIC_OVERFLOW: {
    message: 'A metric has reached its limit of series; what is new goes to one overflow series.',
    cause: 'A label has values without bound, such as ids, paths or host names.',
    fix: 'Take that label off the metric, or raise metrics.maxSeriesPerMetric if the values are bounded after all.',
  },
  OBS_EXPORT_FAILED: {
    message: 'Telemetry could not be sent.',
    cause:
      'The OTLP endpoint is down, refuses the data or the credentials, has a certificate that is not trusted, or is not an OTLP/HTTP endpoint.',
    fix: 'Check OTEL_EXPORTER_OTLP_ENDPOINT (OTLP over HTTP, normally port 4318), OTEL_EXPORTER_OTLP_HEADERS and, for an authority of your own, OTEL_EXPORTER_OTLP_CERTIFICATE.',
  },
  OBS_EXPORT_DROPPED: {
    message: 'Telemetry was dropped because it could not be sent fast enough.',
    cause: 'The backend is slower than the service, or down, and the queue is full.',
    fix: 'Check the backend, or raise OTEL_BSP_MAX_QUEUE_SIZE (spans) or OTEL_BLRP_MAX_QUEUE_SIZE (log records).',
  },
  OBS_CONTRACT_INVALID: {
    message: 'A contract cannot be used.',
    cause: 'A member is misspelled, has a value of the wrong kind, or contradicts another one.',
    fix: 'Mend the contract as the message says; docs/contract.md shows one.',
  },
  OBS_CONTRACT_BREACHED: {
    message: 'The service does not meet its contract.',
    cause:
      'Its identity lacks a required part or has an unknown value, or a metric has a label or a name that the contract does not allow.',
    fix: 'Mend what the message lists, or talk to the owners of the contract; docs/contract.md explains each rule.',
  },
  OBS_SLO_INVALID: {
    message: 'An SLO is invalid.',
    cause:
      'The objective is not between 0 and 1, the window is unknown, the threshold is not a bucket bound, or a name is misspelled.',
    fix: 'Correct what the message names. docs/slo.md shows examples.',
  },
  OBS_LOGGER_UNKNOWN: {
    message: 'correlate() was given something that is no logger it knows.',
    cause: 'It takes loggers of winston 3, pino, bunyan and NestJS (ConsoleLogger).',
    fix: 'Pass the logger itself, not its options; loggers of other libraries can write through the `logger` of @throughline/core.',
  },
  OBS_LOG_FILE_FAILED: {
    message: 'Log lines could not be written to a file.',
    cause: 'The disk is full, the folder cannot be written to, or the path is no file.',
    fix: 'Free the disk or correct the path in logs.destinations; writing goes on by itself as soon as it can.',
  },
  OBS_PROTOCOL_UNSUPPORTED: {
    message: 'OTEL_EXPORTER_OTLP_PROTOCOL asks for a protocol that is not available; OTLP over HTTP is used.',
    cause: 'Throughline sends OTLP over HTTP, which every OTLP receiver takes beside gRPC.',
    fix: 'Point OTEL_EXPORTER_OTLP_ENDPOINT at the HTTP port (normally 4318) and set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
  },
  OBS_DUPLICATE_PACKAGE: {
    message: 'A package that must exist once in a process is loaded in two copies.',
    cause: 'Two packages depend on versions that npm could not make one.',
    fix: 'Find out with `npm ls <package>` who brings the second copy, align the versions and run `npm dedupe`.',
  },
  OBS_OTHER_AGENT: {
    message: 'Another observability agent is loaded in this process.',
    cause: 'dd-trace, @sentry/node, a NodeSDK or another agent instruments the same modules.',
    fix: 'Remove one of the two, or switch one off while you compare them.',
  },
  OBS_SDK_ALREADY_REGISTERED: {
    message: 'Another OpenTelemetry SDK is already registered in this process.',
    cause: 'dd-trace, @sentry/node or a NodeSDK registered with the OpenTelemetry API first.',
    fix: 'Start only one. Until then Throughline records with its own tracer, and spans that the service makes through the OpenTelemetry API go to the other SDK.',
  },
  OBS_TRACED_INVALID: {
    message: '@traced() stands on something that is no method.',
    cause: 'It decorates a class, a field or an accessor.',
    fix: 'Put it on a method, or use withSpan inside.',
  },
  OBS_SHUTDOWN_FAILED: {
    message: 'A part of Throughline could not be ended; all others were.',
    cause: 'A plugin, an instrumentation or an exporter throws while it is taken back.',
    fix: 'The logged error says which one; report it to whoever publishes it.',
  },
  OBS_WITH_SPAN_INVALID: {
    message: 'withSpan was called without a name or a function.',
    cause: 'The arguments are in the wrong order.',
    fix: "Call it as withSpan('charge card', async (span) => { … }).",
  },
} as const satisfies Record<string, { message: string; cause: string; fix: string }>;

/** Code of an {@link ObservabilityError}: a key of the catalogue in docs/reference/errors.md. */
export type ErrorCode = keyof typeof errorCatalogue;

/**
 * What Throughline throws for wrong input at start, and what it logs for trouble at run time.
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
  /** What to do about it, in one sentence. */
  readonly fix: string;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown; fix?: string }) {
    const entry = errorCatalogue[code];
    super(detail ?? entry.message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.fix = options?.fix ?? entry.fix;
  }
}
