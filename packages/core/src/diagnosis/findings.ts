import { type ErrorCode, errorCatalogue, type ObservabilityError } from '../model/errors.js';
import { help, page } from '../model/pages.js';
import { redactMessage } from '../redaction/attribute-redaction.js';

/**
 * - `error`: something that the service is configured for does not work.
 * - `warning`: it works, but something is missing, at risk, or done twice.
 * - `info`: a hint; nothing is wrong.
 */
export type FindingLevel = 'error' | 'warning' | 'info';

interface FindingEntry {
  readonly level: FindingLevel;
  readonly message: string;
  readonly cause: string;
  readonly fix: string;
}

/**
 * The problems that only a diagnosis can find. `docs/reference/findings.md` is generated from this catalogue, so a code never changes its
 * meaning. The codes of problems that the service itself reports are in `errors.ts`.
 */
export const findingCatalogue = {
  OBS_NOT_INSTALLED: {
    level: 'error',
    message: '@throughline/core is not installed in this folder.',
    cause: 'The service does not use Throughline yet, or this is not the folder of the service.',
    fix: 'Run `npm install @throughline/core` in the folder of the service, then run this command there.',
  },
  OBS_NOT_STARTED: {
    level: 'error',
    message: 'Throughline was not started, so nothing is recorded.',
    cause: 'The process never called initObservability, and was not started with the register entry.',
    fix: 'Call initObservability() in the service, or start it with `node --import @throughline/core/register`.',
  },
  OBS_SWITCHED_OFF: {
    level: 'warning',
    message: 'Throughline is switched off, so nothing is recorded.',
    cause: 'The option `enabled` is false, or OTEL_SDK_DISABLED is true.',
    fix: 'Remove the option or the variable where the service should be recorded.',
  },
  OBS_SERVICE_ENDED: {
    level: 'error',
    message: 'The service ended before it was up.',
    cause: 'It failed at start, or it is a script that ends by itself.',
    fix: 'Read the last lines of its output. Run the command in the folder and environment in which the service normally starts.',
  },
  OBS_SERVICE_LATE: {
    level: 'warning',
    message: 'The service was not up in time. It was examined in the state that it had reached.',
    cause: 'It needs more time to start, or it waits for something that is down, such as its database.',
    fix: 'Allow more time with `--wait <seconds>`, or first start what the service needs.',
  },
  OBS_SERVICE_UNREACHABLE: {
    level: 'error',
    message: 'The metrics server of the service does not answer.',
    cause:
      'The address is wrong, the service is not running, or its metrics endpoint is off or has another port.',
    fix: 'Use the port that the service logs at start (`metrics_port`). The default address is http://localhost:9464.',
  },
  OBS_DETAILS_HIDDEN: {
    level: 'info',
    message: 'Only /metrics and the health checks were examined.',
    cause: 'A running service gives its full diagnosis only to a caller with the token of live control.',
    fix: `Set THROUGHLINE_CONTROL_TOKEN for the service and for this command; ${page('live-control.md')} explains it.`,
  },
  OBS_NODE_UNSUPPORTED: {
    level: 'error',
    message: 'This version of Node is too old.',
    cause: 'Throughline supports Node 20.19 and later.',
    fix: 'Run the service on Node 20.19 or later.',
  },
  OBS_VERSIONS_DIFFER: {
    level: 'warning',
    message: "Throughline's packages have different versions.",
    cause: 'Only some of them were updated. They are tested together in the same version only.',
    fix: 'Install all @throughline packages in the same version.',
  },
  OBS_ENDPOINT_REFUSED: {
    level: 'error',
    message: 'Nothing listens at the OTLP endpoint.',
    cause:
      'The backend or collector is not running, or the host or port is wrong. Inside a container `localhost` is the container itself.',
    fix: 'Start the collector, or point OTEL_EXPORTER_OTLP_ENDPOINT at where it is (OTLP over HTTP, normally port 4318).',
  },
  OBS_ENDPOINT_UNKNOWN_HOST: {
    level: 'error',
    message: 'The host of the OTLP endpoint has no address.',
    cause: 'Its name is misspelled, or is known only in another network or namespace.',
    fix: 'Correct the host in OTEL_EXPORTER_OTLP_ENDPOINT; in Kubernetes use `<service>.<namespace>`.',
  },
  OBS_ENDPOINT_TIMEOUT: {
    level: 'error',
    message: 'The OTLP endpoint does not answer in time.',
    cause: 'A firewall or network policy drops the packets, or the backend is overloaded.',
    fix: 'Allow the connection from the service to the endpoint, and check the health of the backend.',
  },
  OBS_ENDPOINT_TLS: {
    level: 'error',
    message: 'The TLS connection to the OTLP endpoint fails.',
    cause:
      'Its certificate is self-signed, expired, or for another host, or only one of the two sides speaks TLS.',
    fix: 'Set OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS to the certificate of its authority. Check whether the address needs http:// or https://.',
  },
  OBS_ENDPOINT_BROKEN: {
    level: 'error',
    message: 'The connection to the OTLP endpoint breaks.',
    cause: 'The other side closes it: a proxy, a server that expects TLS, or a server that is restarting.',
    fix: 'Find out what listens at that host and port, and use the address of the OTLP/HTTP receiver.',
  },
  OBS_ENDPOINT_NOT_OTLP: {
    level: 'error',
    message: 'The server at the OTLP endpoint is not an OTLP/HTTP receiver.',
    cause: 'The port belongs to another server: the gRPC receiver (4317), a web page, or another service.',
    fix: 'Use the port of the OTLP/HTTP receiver, normally 4318.',
  },
  OBS_ENDPOINT_NOT_FOUND: {
    level: 'error',
    message: 'The OTLP endpoint does not have this path.',
    cause:
      'Part of the path is missing or doubled. /v1/traces is appended to OTEL_EXPORTER_OTLP_ENDPOINT. The variables for one signal, and the options in code, are used as they are.',
    fix: 'Correct the path. A collector accepts /v1/traces, /v1/logs and /v1/metrics; some backends have a prefix before it.',
  },
  OBS_ENDPOINT_UNAUTHORIZED: {
    level: 'error',
    message: 'The OTLP endpoint refuses the credentials.',
    cause: 'The header with the token is missing, wrong or expired, or the token may not write.',
    fix: "Set OTEL_EXPORTER_OTLP_HEADERS, for example 'authorization=Bearer%20…' (values are percent-encoded), or the option `headers`.",
  },
  OBS_ENDPOINT_UNAVAILABLE: {
    level: 'error',
    message: 'The OTLP endpoint cannot accept data at the moment.',
    cause: 'The backend is overloaded or not ready, or a proxy cannot reach it.',
    fix: 'Check the health and the limits of the backend. Until then data waits in a bounded queue.',
  },
  OBS_ENDPOINT_REJECTED: {
    level: 'error',
    message: 'The OTLP endpoint rejects the data.',
    cause:
      'It expects another encoding than that of OTEL_EXPORTER_OTLP_PROTOCOL, or another tenant, or the data exceeds a limit.',
    fix: 'Read its answer in the message. Set OTEL_EXPORTER_OTLP_PROTOCOL to a protocol that it accepts.',
  },
  OBS_CLOCK_SKEW: {
    level: 'warning',
    message: 'The clocks of this machine and of the backend differ.',
    cause: 'One of them is not synchronized with a time server.',
    fix: 'Turn on NTP (chrony, systemd-timesyncd) on the machine whose clock is wrong. Until then the spans of a trace appear in the wrong order.',
  },
  OBS_LIBRARY_UNSUPPORTED: {
    level: 'error',
    message: 'A library is loaded in an unsupported version, so it is not recorded.',
    cause: 'The version is older or newer than those that the plugin supports.',
    fix: 'Install a supported version of the library, or a newer version of the plugin.',
  },
  OBS_LIBRARY_NOT_RECORDED: {
    level: 'warning',
    message: 'A library is loaded in a supported version, but it is not recorded.',
    cause:
      'The file that the plugin patches was not loaded, is not in node_modules, or could not be patched.',
    fix: 'Pass the module to the plugin with the option `modules`, and search the log for OBS_INSTRUMENTATION_FAILED.',
  },
  OBS_PLUGIN_MISSING: {
    level: 'warning',
    message: 'A library is loaded, and the plugin that records it is not in use.',
    cause: 'The plugin is not installed, is not listed in `plugins`, or was switched off by live control.',
    fix: 'Install the plugin, and add it to `plugins`.',
  },
  OBS_PLUGIN_IDLE: {
    level: 'warning',
    message: 'A plugin found none of the libraries that it records.',
    cause:
      'The service does not use them, or loads them later. In a service that is bundled into one file they cannot be found.',
    fix: 'Remove the plugin if it is not needed. In a bundled service pass the modules to it, if it has an option `modules`: its README shows how.',
  },
  OBS_INSTRUMENTATION_MISSING: {
    level: 'info',
    message: 'A library is loaded for which Throughline has no plugin.',
    cause: 'There is a stock OpenTelemetry instrumentation for it, which is not in use.',
    fix: 'Install that instrumentation, and add it to `instrumentations`.',
  },
  OBS_METRICS_UNREACHABLE: {
    level: 'error',
    message: 'The metrics endpoint of the service does not answer correctly.',
    cause: 'Another process uses the address, or a metric takes too long to collect.',
    fix: 'Check what listens on that port, and the `collect` and `observe` callbacks of the metrics.',
  },
  OBS_NOT_READY: {
    level: 'warning',
    message: 'A health check of the service fails.',
    cause: 'Something that the service needs is down, or the service is starting or stopping.',
    fix: 'Fix what the failing check names.',
  },
  OBS_SPAN_NOT_FOUND: {
    level: 'error',
    message: 'The endpoint accepted the test span, but Tempo or Jaeger does not have it.',
    cause:
      'The collector in between does not send to this backend or has dropped the span by sampling, or the query is for another tenant.',
    fix: 'Check each step after the endpoint: the processors and exporters of the collector, then the intake of the backend.',
  },
  OBS_LINE_NOT_FOUND: {
    level: 'error',
    message: 'The test line was written, but Loki or VictoriaLogs does not have it.',
    cause:
      'The agent does not read the output of the service, the backend rejects the lines, or they lack the label `service_name`, which the query for Loki uses.',
    fix: 'Check the log of the agent or collector, and the labels of the lines in the backend.',
  },
  OBS_NOT_LOOKED_FOR: {
    level: 'info',
    message: 'The backend was not searched, because no test data was sent to it.',
    cause:
      'The service does not send this signal by OTLP, and no agent collects the output of a service that the command starts; or a running service was asked without its token.',
    fix: 'Ask the running service, with its token: `throughline doctor --attach … --tempo … --loki …`.',
  },
  OBS_QUERY_FAILED: {
    level: 'error',
    message: 'The backend could not be queried.',
    cause:
      'The address is wrong or needs credentials, or it is the address for incoming data instead of the query API.',
    fix: 'Use the address of the data source in Grafana. The usual port is 3200 for Tempo, 16686 for Jaeger, 3100 for Loki and 9428 for VictoriaLogs.',
  },
  OBS_DIAGNOSIS_FAILED: {
    level: 'warning',
    message: 'A part of the diagnosis failed.',
    cause: 'A defect, or an environment that prevents it, such as an unreadable file system.',
    fix: 'Read the message. The rest of the diagnosis is valid. Report it if it looks like a defect.',
  },
  OBS_ONLY_LAUNCHERS: {
    level: 'error',
    message: 'Only programs that start, build or test a service were seen, so nothing is recorded.',
    cause:
      'NODE_OPTIONS with the register entry reached npm or a similar tool, but not the process that serves. The start script sets NODE_OPTIONS itself, or the service runs inside the tool.',
    fix: 'Put the flag into the start script: `node --import @throughline/core/register server.js`. If the service runs inside a tool, call initObservability() in its code.',
  },
  OBS_EXIT_SENDS_NOTHING: {
    level: 'warning',
    message: 'Telemetry that is still queued at `process.exit()` is lost.',
    cause: 'The option `shutdown.exitTimeoutMillis` (THROUGHLINE_EXIT_TIMEOUT) is 0.',
    fix: 'Remove the setting (the default is 2000 ms), or call `await observability.flush()` before `process.exit()`.',
  },
  OBS_THREADS_LOSE_QUEUE: {
    level: 'info',
    message: 'Telemetry is recorded in worker threads, which can be ended before they have sent it.',
    cause:
      '`worker.terminate()` ends a worker thread at once: what is queued in the thread is lost. `process.exit()` in the main thread waits for the worker threads to send, but not long for a thread that is busy.',
    fix: 'Before `worker.terminate()`, tell the worker thread to call `await observability.flush()` or to end itself with `process.exit()`, and wait for its answer.',
  },
  OBS_SDK_LINES_ON_STDOUT: {
    level: 'info',
    message: "Throughline's own lines go to stdout, between the lines of the program.",
    cause:
      'The option `logs.sdkLines` (THROUGHLINE_SDK_LINES) is `stdout`, and this process serves no requests.',
    fix: 'If another program reads this output as data, remove the setting: the default is stderr.',
  },
} as const satisfies Record<string, FindingEntry>;

/** Code of a finding that only a diagnosis reports. */
export type DiagnosisCode = keyof typeof findingCatalogue;

/** Something that a diagnosis found. */
export interface DiagnosisFinding {
  /** Stable code. */
  readonly code: DiagnosisCode | ErrorCode;
  /** `error`: telemetry is lost or wrong. `warning`: it may be. `info`: a hint. */
  readonly level: FindingLevel;
  /** What was found in this service, in one sentence. */
  readonly message: string;
  /** The probable reason. */
  readonly cause: string;
  /** What to do about it. */
  readonly fix: string;
  /** Where the code is explained: the address of its page, or the command that prints it. */
  readonly help: string;
}

/** Problems that the service itself reports and that count as errors; the others count as warnings. */
const reportedAsError: ReadonlySet<ErrorCode> = new Set([
  'OBS_OPTION_UNKNOWN',
  'OBS_OPTION_INVALID',
  'OBS_PLUGIN_INVALID',
  'OBS_PLUGIN_SETUP_FAILED',
  'OBS_PLUGIN_NOT_LOADED',
  'OBS_INSTRUMENTATION_FAILED',
  'OBS_LIBRARY_UNSUPPORTED',
  'OBS_METRICS_PORT_IN_USE',
  'OBS_METRICS_ENDPOINT_FAILED',
  'OBS_CONTRACT_INVALID',
  'OBS_CONTRACT_BREACHED',
  'OBS_LOG_FILE_FAILED',
  'OBS_SDK_ALREADY_REGISTERED',
]);

/** A finding of the catalogue, with the message and any details of this case. */
export function finding(
  code: DiagnosisCode,
  message: string,
  particular: { readonly cause?: string; readonly fix?: string; readonly level?: FindingLevel } = {},
): DiagnosisFinding {
  const entry = findingCatalogue[code];
  return {
    code,
    level: particular.level ?? entry.level,
    message,
    cause: particular.cause ?? entry.cause,
    fix: particular.fix ?? entry.fix,
    help: help(code),
  };
}

/** A finding from an error that the service has thrown or logged. */
export function findingOfError(
  { code, message, fix }: Pick<ObservabilityError, 'code' | 'message' | 'fix'>,
  level?: FindingLevel,
): DiagnosisFinding {
  return {
    code,
    level: level ?? (reportedAsError.has(code) ? 'error' : 'warning'),
    message,
    cause: errorCatalogue[code].cause,
    fix,
    help: help(code),
  };
}

const order: readonly FindingLevel[] = ['error', 'warning', 'info'];

/**
 * The findings without duplicates, the most severe first. Findings of one level keep their order. Messages contain what
 * the code of the service has thrown: they lose their secrets as lines do.
 */
export function sortedFindings(findings: readonly DiagnosisFinding[]): DiagnosisFinding[] {
  const seen = new Set<string>();
  const shown = findings.map((found) => ({ ...found, message: redactMessage(found.message) }));
  const distinct = shown.filter(({ code, message }) => {
    const key = `${code} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return distinct.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}
