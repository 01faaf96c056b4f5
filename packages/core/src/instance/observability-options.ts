// Generated from the option table by `npm run generate`; do not edit.
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Contract } from '../contract/contract.js';
import type { LogLevel } from '../model/log-level.js';
import type { LogDestination } from '../options/log-options.js';
import type { MetricExporterName, MetricRegistry } from '../options/metric-options.js';
import type { PropagatorName, SamplerName } from '../options/trace-options.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';

/** Options of `initObservability`. All are optional. docs/reference/options.md lists them as a table. */
export interface ObservabilityOptions {
  /** Whether anything is recorded at all. When false, every call of the API stays harmless. Default: `true`. Environment: OTEL_SDK_DISABLED. */
  readonly enabled?: boolean | undefined;
  /** Logical name of the service, the same for all its instances. Default: `service.name` of OTEL_RESOURCE_ATTRIBUTES, the name in the nearest package.json, or `unknown_service:node`. Environment: OTEL_SERVICE_NAME. */
  readonly serviceName?: string | undefined;
  /** Version of the service. Default: `service.version` of OTEL_RESOURCE_ATTRIBUTES, or the version in the nearest package.json. */
  readonly serviceVersion?: string | undefined;
  /** Group of services that this one belongs to. Default: `service.namespace` of OTEL_RESOURCE_ATTRIBUTES. */
  readonly serviceNamespace?: string | undefined;
  /** Deployment environment, for example `production`. Default: `deployment.environment.name` (or the older `deployment.environment`) of OTEL_RESOURCE_ATTRIBUTES, or NODE_ENV. */
  readonly environment?: string | undefined;
  /** Team that owns the service. Default: `team` of OTEL_RESOURCE_ATTRIBUTES. */
  readonly team?: string | undefined;
  /** Further resource attributes, such as `k8s.pod.name`. All sources are merged; code wins over the environment, key by key. Environment: OTEL_RESOURCE_ATTRIBUTES. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Plugins, for example `expressPlugin()`. Default: none. */
  readonly plugins?: readonly ObservabilityPlugin[] | undefined;
  /** Stock OpenTelemetry instrumentations. They are applied to modules that are already loaded as well. Default: none. */
  readonly instrumentations?: readonly Instrumentation[] | undefined;
  /** The labels and names that all services agree on, made by `defineContract`; usually from a package of the platform team. Default: none. */
  readonly contract?: Contract | undefined;
  /** Spans. */
  readonly traces?:
    | {
        /** Where spans go. Default: `'otlp'`. Environment: OTEL_TRACES_EXPORTER. */
        readonly exporter?: 'otlp' | 'console' | 'none' | SpanExporter | undefined;
        /** How spans are written for the OTLP intake. `http/json` costs the service more; it is there for intakes that take nothing else. Default: `'http/protobuf'`. Environment: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL. */
        readonly protocol?: 'http/protobuf' | 'http/json' | undefined;
        /** Full URL of the OTLP/HTTP intake for traces. Default: `'http://localhost:4318/v1/traces'`. Environment: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** File (PEM) with the authorities that the intake's certificate is checked against, in place of those that Node knows. Read once, at start. Default: Node's own, with those of NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
        readonly certificate?: string | undefined;
        /** File (PEM) with the certificate that the service shows to an intake which asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
        readonly clientCertificate?: string | undefined;
        /** File (PEM) with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
        readonly clientKey?: string | undefined;
        /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_TRACES_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
        readonly compression?: 'gzip' | 'none' | undefined;
        /** Longest time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
        readonly timeoutMillis?: number | undefined;
        /** Which traces are recorded. The ratio of the `traceidratio` samplers is `samplingRatio`. Default: `'parentbased_traceidratio'`: a caller's decision is kept, new traces follow `samplingRatio`. Environment: OTEL_TRACES_SAMPLER. */
        readonly sampler?: SamplerName | Sampler | undefined;
        /** Share of new traces that are recorded, from 0 to 1. Metrics and logs never depend on it. Default: `1`. Environment: OTEL_TRACES_SAMPLER_ARG. */
        readonly samplingRatio?: number | undefined;
        /** Headers by which a trace travels between services; all are read, all are written. Default: `['tracecontext', 'baggage']`. Environment: OTEL_PROPAGATORS. */
        readonly propagators?: readonly (PropagatorName | TextMapPropagator)[] | undefined;
        /** How much one span may hold. What is dropped is counted in the span; what is cut to a number of bytes says so at its end. */
        readonly limits?:
          | {
              /** Most attributes of a span. Default: `128`. Environment: OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributeCount?: number | undefined;
              /** Longest text in an attribute, in characters; longer ones are cut without a mark. Default: none; `maxValueBytes` holds. Environment: OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT. */
              readonly attributeValueLength?: number | undefined;
              /** Most events of a span; the oldest makes room for the newest. Default: `128`. Environment: OTEL_SPAN_EVENT_COUNT_LIMIT. */
              readonly eventCount?: number | undefined;
              /** Most links of a span; the oldest makes room for the newest. Default: `128`. Environment: OTEL_SPAN_LINK_COUNT_LIMIT. */
              readonly linkCount?: number | undefined;
              /** Most attributes of an event. Default: `128`. Environment: OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributesPerEvent?: number | undefined;
              /** Most attributes of a link. Default: `128`. Environment: OTEL_LINK_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributesPerLink?: number | undefined;
              /** Most bytes of one value, of the message or the stack of an exception, or of the description of a status. Default: `16384`. */
              readonly maxValueBytes?: number | undefined;
              /** About the most bytes that the values of one span take together. Default: `131072`. */
              readonly maxSpanBytes?: number | undefined;
            }
          | undefined;
        /** Batching before export. Beyond the queue, data is dropped and counted. */
        readonly batch?:
          | {
              /** Most finished items held in memory while they wait for export. Default: `2048`. Environment: OTEL_BSP_MAX_QUEUE_SIZE. */
              readonly maxQueueSize?: number | undefined;
              /** Most items in one export; at most `maxQueueSize`. Default: `512`. Environment: OTEL_BSP_MAX_EXPORT_BATCH_SIZE. */
              readonly maxExportBatchSize?: number | undefined;
              /** Longest time an item waits for its batch to fill, in milliseconds. Default: `5000`. Environment: OTEL_BSP_SCHEDULE_DELAY. */
              readonly scheduledDelayMillis?: number | undefined;
              /** Time after which an export in flight no longer holds up the next one, in milliseconds. Default: `30000`. Environment: OTEL_BSP_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** Metrics, for Prometheus to scrape or pushed by OTLP. */
  readonly metrics?:
    | {
        /** How metrics leave: `prometheus` is scraped at `metrics.endpoint`, `otlp` is pushed as `metrics.push` says. Default: `['prometheus']`. Environment: OTEL_METRICS_EXPORTER. */
        readonly exporters?: readonly MetricExporterName[] | undefined;
        /** Pushing by OTLP/HTTP: an object in code pushes beside being scraped; `false` never pushes, whatever the environment says. */
        readonly push?:
          | false
          | {
              /** Full URL of the OTLP/HTTP intake for metrics. Default: `'http://localhost:4318/v1/metrics'`. Environment: OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
              readonly endpoint?: string | undefined;
              /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_METRICS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
              readonly headers?: Readonly<Record<string, string>> | undefined;
              /** File (PEM) with the authorities that the intake's certificate is checked against, in place of those that Node knows. Read once, at start. Default: Node's own, with those of NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
              readonly certificate?: string | undefined;
              /** File (PEM) with the certificate that the service shows to an intake which asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
              readonly clientCertificate?: string | undefined;
              /** File (PEM) with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
              readonly clientKey?: string | undefined;
              /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_METRICS_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
              readonly compression?: 'gzip' | 'none' | undefined;
              /** Longest time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_METRICS_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
              readonly timeoutMillis?: number | undefined;
              /** Time between two exports, in milliseconds. Default: `60000`. Environment: OTEL_METRIC_EXPORT_INTERVAL. */
              readonly intervalMillis?: number | undefined;
              /** Longest time for collecting and sending once, in milliseconds; at most the interval. Default: `30000`. Environment: OTEL_METRIC_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
              /** Whether counters and histograms are sent as totals or as what came since the last export. Prometheus takes totals. Default: `'cumulative'`. Environment: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE. */
              readonly temporality?: 'cumulative' | 'delta' | 'lowmemory' | undefined;
            }
          | undefined;
        /** The HTTP endpoint for the scraper; `false` when the service mounts `metricsHandler` itself. */
        readonly endpoint?:
          | false
          | {
              /** Address to listen on. Default: all addresses. Environment: OTEL_EXPORTER_PROMETHEUS_HOST. */
              readonly host?: string | undefined;
              /** Port to listen on; 0 takes any free one, which the log line at start names. Default: `9464`. Environment: OTEL_EXPORTER_PROMETHEUS_PORT. */
              readonly port?: number | undefined;
              /** Path of the endpoint. Default: `'/metrics'`. */
              readonly path?: string | undefined;
              /** Bearer token that a scraper must send; without one the endpoint is open. Default: none. Environment: THROUGHLINE_METRICS_TOKEN. */
              readonly token?: string | undefined;
            }
          | undefined;
        /** Whether the processes of a cluster, and the threads of a process, answer a scrape as one. With `false` each has its own metrics only, and needs a port of its own. Default: `true`. Environment: THROUGHLINE_METRICS_CLUSTER. */
        readonly cluster?: boolean | undefined;
        /** Further registries of prom-client or `@prometheus-io/client` to serve in the same answer. The default registries of all loaded copies of both are always part of it. Default: none. */
        readonly registries?: readonly MetricRegistry[] | undefined;
        /** prom-client's own `process_*` and `nodejs_*` metrics. Default: `true`. */
        readonly runtime?: boolean | undefined;
        /** Most series of one metric, Throughline's own and those of `counter()`, `gauge()` and `histogram()`; further label sets go to one series with `otel_metric_overflow="true"`. Default: `2000`. */
        readonly maxSeriesPerMetric?: number | undefined;
        /** Whether histogram buckets carry the trace that fell into them (OpenMetrics format only). Default: `true`. */
        readonly exemplars?: boolean | undefined;
      }
    | undefined;
  /** Log lines. */
  readonly logs?:
    | {
        /** Least important level that is written. The names of npm and of syslog can both be used. Default: `'info'`. Environment: LOG_LEVEL. */
        readonly level?: LogLevel | undefined;
        /** JSON lines for machines, or coloured lines for a person. Files always get JSON. Default: `'pretty'` when stdout is a terminal, otherwise `'json'`. */
        readonly format?: 'json' | 'pretty' | undefined;
        /** Where lines go: `stdout`, `otlp` for an OTLP/HTTP intake, and `{ file: '/var/log/…' }` for agents that tail files. Default: `['stdout']`. Environment: OTEL_LOGS_EXPORTER. */
        readonly destinations?: readonly LogDestination[] | undefined;
        /** Where Throughline's own lines go, such as its start line and its warnings. stdout may carry data that another program reads, so it gets nothing that the service did not write itself. Default: `'stderr'`. Environment: THROUGHLINE_OWN_LINES. */
        readonly ownLines?: 'stderr' | 'stdout' | undefined;
        /** Whether one line at start says what is on: plugins, where spans go, the port of the metrics. Default: `true`. Environment: THROUGHLINE_START_LINE. */
        readonly startLine?: boolean | undefined;
        /** What is taken out of lines beside the usual secrets: names of fields (`'iban'`), paths (`'user.email'`, `'items[*].card'`) and regular expressions for texts. `false` takes nothing out, not even the usual. Default: the usual secrets only. */
        readonly redact?: false | readonly (string | RegExp)[] | undefined;
        /** Longest text in one field of a line, in characters; what is beyond is cut. Default: `16384`. */
        readonly maxFieldLength?: number | undefined;
        /** Whether each HTTP request that the service answered gets one line with route, status and duration. Default: `false`. */
        readonly access?: boolean | undefined;
        /** Loggers of the service whose lines get the trace fields by themselves. Default: `['winston', 'pino', 'bunyan', 'nestjs']`. */
        readonly correlate?: readonly ('winston' | 'pino' | 'bunyan' | 'nestjs' | 'console')[] | undefined;
        /** What else the lines of those loggers get: `level` as a word, the labels of the `identity`, and a copy to the `otlp` destination. Default: nothing: their lines stay as they are. */
        readonly correlateWith?: readonly ('level' | 'identity' | 'otlp')[] | undefined;
        /** Whether uncaught exceptions and unhandled rejections are logged with their trace and flushed. What Node does and prints stays the same. Default: `true`. */
        readonly crashes?: boolean | undefined;
        /** Signal that switches to level `debug` for `debugSignalSeconds`, and back when it comes again. Node takes SIGUSR1 for its debugger. Default: none. Environment: LOG_DEBUG_SIGNAL. */
        readonly debugSignal?: 'SIGUSR1' | 'SIGUSR2' | undefined;
        /** How long `debugSignal` lasts, in seconds. Default: `300`. */
        readonly debugSignalSeconds?: number | undefined;
        /** Flood control, off unless one of its limits is set. Lines of a trace that has an error are never dropped; what is dropped is counted and said once per interval. */
        readonly flood?:
          | {
              /** Most lines with the same message, numbers and ids in it aside, that are written per interval. Default: no limit. */
              readonly maxRepeats?: number | undefined;
              /** Most lines per second by level, for example `{ info: 100 }`. Default: no limits. */
              readonly maxLinesPerSecond?: Readonly<Partial<Record<LogLevel, number>>> | undefined;
              /** Length of an interval, in seconds. Default: `30`. */
              readonly intervalSeconds?: number | undefined;
            }
          | undefined;
        /** Full URL of the OTLP/HTTP intake for logs. Default: `'http://localhost:4318/v1/logs'`. Environment: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_LOGS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** File (PEM) with the authorities that the intake's certificate is checked against, in place of those that Node knows. Read once, at start. Default: Node's own, with those of NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
        readonly certificate?: string | undefined;
        /** File (PEM) with the certificate that the service shows to an intake which asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
        readonly clientCertificate?: string | undefined;
        /** File (PEM) with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
        readonly clientKey?: string | undefined;
        /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_LOGS_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
        readonly compression?: 'gzip' | 'none' | undefined;
        /** Longest time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_LOGS_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
        readonly timeoutMillis?: number | undefined;
        /** Batching before export. Beyond the queue, data is dropped and counted. */
        readonly batch?:
          | {
              /** Most finished items held in memory while they wait for export. Default: `2048`. Environment: OTEL_BLRP_MAX_QUEUE_SIZE. */
              readonly maxQueueSize?: number | undefined;
              /** Most items in one export; at most `maxQueueSize`. Default: `512`. Environment: OTEL_BLRP_MAX_EXPORT_BATCH_SIZE. */
              readonly maxExportBatchSize?: number | undefined;
              /** Longest time an item waits for its batch to fill, in milliseconds. Default: `1000`. Environment: OTEL_BLRP_SCHEDULE_DELAY. */
              readonly scheduledDelayMillis?: number | undefined;
              /** Time after which an export in flight no longer holds up the next one, in milliseconds. Default: `30000`. Environment: OTEL_BLRP_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** HTTP in and out. */
  readonly http?:
    | {
        /** Paths without spans and metrics, such as probes. A string is the whole path; a regular expression is tested against the path without its query. Default: `['/health', '/healthz', '/livez', '/readyz', '/metrics']`. */
        readonly ignoreIncomingPaths?: readonly (string | RegExp)[] | undefined;
        /** Request headers to record on server spans as `http.request.header.<name>`. Default: none. */
        readonly captureRequestHeaders?: readonly string[] | undefined;
        /** Response headers to record on server spans as `http.response.header.<name>`. Default: none. */
        readonly captureResponseHeaders?: readonly string[] | undefined;
        /** Where outgoing calls carry trace headers (`traceparent`, `baggage`, the old header of the bridge). A string is a host, `host:port`, or `.domain` for all hosts below it; a regular expression is tested against the URL without its query. An empty array: nowhere. Spans and metrics of the other calls stay. Default: everywhere. Environment: THROUGHLINE_HTTP_PROPAGATE_TO. */
        readonly propagateTo?: readonly (string | RegExp)[] | undefined;
        /** Whether `client.address` on spans comes from `Forwarded` or `X-Forwarded-For` where they are present. Metrics never use them. Default: `true`. */
        readonly trustForwardedHeaders?: boolean | undefined;
        /** Query parameters, beside the usual secrets, whose values are replaced by REDACTED on spans. Default: none. */
        readonly redactQueryParameters?: readonly string[] | undefined;
      }
    | undefined;
  /** The bridge from hand-made trace headers (docs/moving-over.md); a name, or a list of names, stands for `{ name }`. */
  readonly legacyTraceHeader?:
    | false
    | string
    | readonly string[]
    | {
        /** The old header, or several in order of trust. HTTP ignores the case of names, and so does reading a message; writing uses them as given here. Default: none: the bridge is off. Environment: THROUGHLINE_LEGACY_TRACE_HEADER. */
        readonly name?: string | readonly string[] | undefined;
        /** Whether outgoing calls and messages carry the old header beside the trace context. Default: `true`. */
        readonly send?: boolean | undefined;
        /** Last day (UTC), or moment with its zone, on which the old header counts. Warnings start 14 days before; afterwards it is not used, but still counted. Default: no end. */
        readonly acceptUntil?: string | undefined;
        /** Whether responses carry the id: as W3C `traceresponse`, in the old header, or in both. A header that the service sets itself stays. Default: `false`. */
        readonly respond?: false | 'traceresponse' | 'legacy' | 'both' | undefined;
        /** A request header in which callers name themselves, such as `x-client-name`; it tells who still sends the old header. Default: none: `service.name` in the baggage, else the user agent, else the network. */
        readonly sourceHeader?: string | undefined;
      }
    | undefined;
  /** Live control over HTTP, on the metrics endpoint (docs/live-control.md). */
  readonly control?:
    | {
        /** Bearer token for `/observability/…`, at least 16 characters. Without one these paths do not exist. Default: none: live control is off. Environment: THROUGHLINE_CONTROL_TOKEN. */
        readonly token?: string | undefined;
      }
    | undefined;
  /** The end of the process. */
  readonly shutdown?:
    | {
        /** Longest time that `flush` and `shutdown` take, in milliseconds. Default: `5000`. */
        readonly timeoutMillis?: number | undefined;
        /** Longest time that the end of the process is held up to send what is still queued, in milliseconds: after `process.exit()` and after a crash, when nothing can be sent in the background any more. 0 sends nothing then. Default: `2000`. Environment: THROUGHLINE_EXIT_TIMEOUT. */
        readonly exitTimeoutMillis?: number | undefined;
        /** Whether SIGTERM and SIGINT flush telemetry. Node ends as it would have without Throughline; handlers of the service stay in charge. Default: `true`. */
        readonly handleSignals?: boolean | undefined;
      }
    | undefined;
}
