import { type ErrorCode, errorCatalogue, type ObservabilityError } from '../model/errors.js';

/**
 * - `error`: something that the service is set up for does not work.
 * - `warning`: it works, with something missing, at risk, or done twice.
 * - `info`: good to know.
 */
export type FindingLevel = 'error' | 'warning' | 'info';

interface FindingEntry {
  readonly level: FindingLevel;
  readonly message: string;
  readonly cause: string;
  readonly fix: string;
}

/**
 * What only a diagnosis can find. `docs/reference/findings.md` is generated from it, so a code never changes its
 * meaning. What a service reports by itself keeps the code that it has there (`errors.ts`).
 */
export const findingCatalogue = {
  OBS_NOT_INSTALLED: {
    level: 'error',
    message: 'The folder does not have @throughline/core.',
    cause: 'It is not installed, or this is not the folder of the service.',
    fix: 'Run `npm install @throughline/core` in the folder of the service, or run the command there.',
  },
  OBS_NOT_STARTED: {
    level: 'error',
    message: 'Throughline was not started: nothing is recorded.',
    cause: 'The process never called initObservability, and was not started with the register entry.',
    fix: 'Call initObservability() in the service, or start it with `node --import @throughline/core/register`.',
  },
  OBS_SWITCHED_OFF: {
    level: 'warning',
    message: 'Throughline is switched off: nothing is recorded.',
    cause: 'The option `enabled` is false, or OTEL_SDK_DISABLED is true.',
    fix: 'Take the option or the variable away where the service should be seen.',
  },
  OBS_SERVICE_ENDED: {
    level: 'error',
    message: 'The service ended before it was up.',
    cause: 'It failed at start, or it is no service but a script.',
    fix: 'Read the last lines that it wrote; start it in the same folder and environment as usual.',
  },
  OBS_SERVICE_LATE: {
    level: 'warning',
    message: 'The service was not up in time; it was examined as far as it had come.',
    cause: 'It takes long to start, or it waits for something that is not there, such as its database.',
    fix: 'Give it more time with `--wait <seconds>`, or start what it needs first.',
  },
  OBS_SERVICE_UNREACHABLE: {
    level: 'error',
    message: 'The metrics server of the service does not answer.',
    cause:
      'The address is wrong, the service is not running, or its metrics endpoint is off or has another port.',
    fix: 'Use the address that its log line at start names (`metrics_port`), by default http://localhost:9464.',
  },
  OBS_DETAILS_HIDDEN: {
    level: 'info',
    message: 'Only what /metrics and the health checks tell was looked at.',
    cause: 'Without the token of live control a running service tells nobody more.',
    fix: 'Set THROUGHLINE_CONTROL_TOKEN for the service and for this command; docs/live-control.md says how.',
  },
  OBS_NODE_UNSUPPORTED: {
    level: 'error',
    message: 'This version of Node is too old.',
    cause: 'Throughline is made for, and tested on, Node 20.19 and later.',
    fix: 'Run the service on a supported version of Node.',
  },
  OBS_VERSIONS_DIFFER: {
    level: 'warning',
    message: "Throughline's packages have different versions.",
    cause: 'One of them was updated alone; they are tested together in one version only.',
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
    cause: 'A firewall or network policy swallows the packets, or the backend is overloaded.',
    fix: 'Allow the connection from the service to the endpoint, and look at the health of the backend.',
  },
  OBS_ENDPOINT_TLS: {
    level: 'error',
    message: 'No TLS connection to the OTLP endpoint can be made.',
    cause:
      'Its certificate is self-signed, expired, or for another host, or only one of the two sides speaks TLS.',
    fix: 'Give the certificate of its authority in OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS, or use the right one of http:// and https://.',
  },
  OBS_ENDPOINT_BROKEN: {
    level: 'error',
    message: 'The connection to the OTLP endpoint breaks.',
    cause: 'What listens there closes it: a proxy, a server that expects TLS, or one that is restarting.',
    fix: 'See what listens at that host and port, and use the address of the OTLP/HTTP receiver itself.',
  },
  OBS_ENDPOINT_NOT_OTLP: {
    level: 'error',
    message: 'Something else than an OTLP/HTTP receiver answers at the OTLP endpoint.',
    cause: 'The port belongs to another server: the gRPC receiver (4317), a web page, or another service.',
    fix: 'Use the port of the OTLP/HTTP receiver, normally 4318.',
  },
  OBS_ENDPOINT_NOT_FOUND: {
    level: 'error',
    message: 'The OTLP endpoint does not know the path.',
    cause:
      'A part of the path is missing or doubled. OTEL_EXPORTER_OTLP_ENDPOINT gets /v1/traces appended; the variables of one signal, and the options in code, are taken as they are.',
    fix: 'Correct the path: a collector takes /v1/traces, /v1/logs and /v1/metrics; backends say what stands in front of it.',
  },
  OBS_ENDPOINT_UNAUTHORIZED: {
    level: 'error',
    message: 'The OTLP endpoint refuses the credentials.',
    cause: 'The header with the token is missing, wrong or expired, or the token may not write.',
    fix: "Set OTEL_EXPORTER_OTLP_HEADERS, for example 'authorization=Bearer%20…' (values are percent-encoded), or the option `headers`.",
  },
  OBS_ENDPOINT_UNAVAILABLE: {
    level: 'error',
    message: 'The OTLP endpoint cannot take data now.',
    cause: 'The backend is overloaded or not ready, or a proxy has none behind it.',
    fix: 'Look at the health and the limits of the backend. Until then data waits in a bounded queue.',
  },
  OBS_ENDPOINT_REJECTED: {
    level: 'error',
    message: 'The OTLP endpoint rejects the data.',
    cause: 'It takes another encoding than OTLP/JSON, another tenant, or has a limit that the data breaks.',
    fix: 'Read its answer in the message; let an OpenTelemetry Collector stand in between if it takes protobuf only.',
  },
  OBS_CLOCK_SKEW: {
    level: 'warning',
    message: 'The clocks of this machine and of the backend differ.',
    cause: 'One of them is not set by a time server.',
    fix: 'Turn on NTP (chrony, systemd-timesyncd) on the machine that is wrong; spans of one trace are in disorder until then.',
  },
  OBS_LIBRARY_UNSUPPORTED: {
    level: 'error',
    message: 'A library is loaded in a version that is not supported: what it does is not recorded.',
    cause: 'It is older or newer than the versions that the plugin was made for and tested with.',
    fix: 'Install a supported version of the library, or a newer version of the plugin.',
  },
  OBS_LIBRARY_NOT_RECORDED: {
    level: 'warning',
    message: 'A library is loaded in a supported version, but nothing of it is recorded.',
    cause:
      'The file that the plugin changes was not loaded, came from another place than node_modules, or could not be changed.',
    fix: 'Pass the module to the plugin by its option `modules`, and see whether the log has OBS_INSTRUMENTATION_FAILED.',
  },
  OBS_PLUGIN_MISSING: {
    level: 'warning',
    message: 'A library is loaded, and the plugin that records it is not in use.',
    cause: 'The plugin is not installed, or not listed in `plugins`, or was switched off by live control.',
    fix: 'Install the plugin, and add it to `plugins`.',
  },
  OBS_PLUGIN_IDLE: {
    level: 'warning',
    message: 'A plugin has found none of the libraries that it records.',
    cause:
      'The service does not use them, or loads them later; or it is bundled into one file, where they cannot be found.',
    fix: 'Take the plugin away if it is not needed; in a bundled service give it the modules: `expressPlugin({ modules: { express } })`.',
  },
  OBS_INSTRUMENTATION_MISSING: {
    level: 'info',
    message: 'A library is loaded that Throughline has no plugin for.',
    cause: 'There is a stock OpenTelemetry instrumentation for it, which is not in use.',
    fix: 'Install that instrumentation, and add it to `instrumentations`.',
  },
  OBS_METRICS_UNREACHABLE: {
    level: 'error',
    message: 'The metrics endpoint of the service does not answer as it should.',
    cause: 'Something else holds the address, or a metric takes too long to collect.',
    fix: 'Look at what listens on that port, and at the `collect` and `observe` callbacks of the metrics.',
  },
  OBS_NOT_READY: {
    level: 'warning',
    message: 'A health check of the service fails.',
    cause: 'Something that it needs is down, or the service is starting or stopping.',
    fix: 'Mend what the failing check names.',
  },
  OBS_SPAN_NOT_FOUND: {
    level: 'error',
    message: 'The test span was taken, but Tempo or Jaeger does not have it.',
    cause:
      'The collector in between does not send to this backend, samples it away, or the query is for another tenant.',
    fix: 'Follow the way of the span: the exporters and processors of the collector, then the intake of the backend.',
  },
  OBS_LINE_NOT_FOUND: {
    level: 'error',
    message: 'The test line was written, but Loki or VictoriaLogs does not have it.',
    cause:
      'The agent does not read the output of the service, the backend rejects its lines, or they lack the label `service_name`, by which Loki is asked.',
    fix: 'Look at the log of the agent or collector, and at the labels of the lines in the backend.',
  },
  OBS_NOT_LOOKED_FOR: {
    level: 'info',
    message: 'The backend was not asked, because nothing is on its way there.',
    cause:
      'Spans or lines do not leave by OTLP; the output of a service that was started here is collected by nobody; or a running service was asked without its token.',
    fix: 'Ask the running service, with its token: `throughline doctor --attach … --tempo … --loki …`.',
  },
  OBS_QUERY_FAILED: {
    level: 'error',
    message: 'The backend could not be asked.',
    cause: 'The address is wrong, needs credentials, or is that of the intake instead of the query API.',
    fix: 'Use the address that Grafana uses as the data source; normally Tempo has port 3200, Jaeger 16686, Loki 3100, and VictoriaLogs 9428.',
  },
  OBS_DIAGNOSIS_FAILED: {
    level: 'warning',
    message: 'A part of the diagnosis could not be made.',
    cause: 'A defect, or surroundings that do not allow it, such as a file system that cannot be read.',
    fix: 'Read the message; the rest of the diagnosis stands. Report it if it looks like a defect.',
  },
} as const satisfies Record<string, FindingEntry>;

/** Code of something that only a diagnosis finds. */
export type DoctorCode = keyof typeof findingCatalogue;

/** Something that a diagnosis found. */
export interface Finding {
  /** Stable; explained on `page`. */
  readonly code: DoctorCode | ErrorCode;
  /** `error`: telemetry is lost or wrong. `warning`: it may be. `info`: a hint. */
  readonly level: FindingLevel;
  /** What is the case here, in one sentence. */
  readonly message: string;
  /** Why it is so. */
  readonly cause: string;
  /** What to do about it. */
  readonly fix: string;
  /** Where the documentation explains the code. */
  readonly page: string;
}

/** Reported by the service itself; what is not here is a warning. */
const reportedAsError: ReadonlySet<ErrorCode> = new Set([
  'OBS_OPTION_UNKNOWN',
  'OBS_OPTION_INVALID',
  'OBS_PLUGIN_INVALID',
  'OBS_PLUGIN_SETUP_FAILED',
  'OBS_PLUGIN_NOT_LOADED',
  'OBS_INSTRUMENTATION_FAILED',
  'OBS_METRICS_PORT_IN_USE',
  'OBS_METRICS_ENDPOINT_FAILED',
  'OBS_CONTRACT_INVALID',
  'OBS_CONTRACT_BREACHED',
  'OBS_LOG_FILE_FAILED',
  'OBS_SDK_ALREADY_REGISTERED',
]);

/** A finding of the catalogue, with what is particular to this case. */
export function finding(
  code: DoctorCode,
  message: string,
  particular: { readonly cause?: string; readonly fix?: string; readonly level?: FindingLevel } = {},
): Finding {
  const entry = findingCatalogue[code];
  return {
    code,
    level: particular.level ?? entry.level,
    message,
    cause: particular.cause ?? entry.cause,
    fix: particular.fix ?? entry.fix,
    page: pageOf('findings', code),
  };
}

/** What the service has thrown or logged, as a finding. */
export function findingOfError(
  { code, message, fix }: Pick<ObservabilityError, 'code' | 'message' | 'fix'>,
  level?: FindingLevel,
): Finding {
  return {
    code,
    level: level ?? (reportedAsError.has(code) ? 'error' : 'warning'),
    message,
    cause: errorCatalogue[code].cause,
    fix,
    page: pageOf('errors', code),
  };
}

const order: readonly FindingLevel[] = ['error', 'warning', 'info'];

/** Worst first, each once; in the order they were found otherwise. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  const distinct = findings.filter(({ code, message }) => {
    const key = `${code} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return distinct.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function pageOf(page: 'findings' | 'errors', code: string): string {
  return `docs/reference/${page}.md#${code.toLowerCase()}`;
}
