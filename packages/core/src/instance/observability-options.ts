// Generated from the option table by `npm run generate`; do not edit.
import type { IncomingMessage } from 'node:http';
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
  /** Whether anything is recorded. When false, the API can still be called, and does nothing. Default: `true`. Environment: OTEL_SDK_DISABLED. */
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
  /** Further resource attributes, such as `k8s.pod.name`. All sources are merged. For each key, code takes precedence over the environment. Environment: OTEL_RESOURCE_ATTRIBUTES. */
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** Plugins, for example `expressPlugin()`. Default: none. */
  readonly plugins?: readonly ObservabilityPlugin[] | undefined;
  /** Stock OpenTelemetry instrumentations. They are also applied to modules that are already loaded. `'installed'` takes those among the dependencies in the package.json of the service, with their defaults, except for what Throughline or its plugins record. Default: none. Environment: THROUGHLINE_INSTRUMENTATIONS. */
  readonly instrumentations?: 'installed' | readonly Instrumentation[] | undefined;
  /** The contract: labels and names that all services share, made with `defineContract`. It usually comes from a package of the platform team. Default: none. */
  readonly contract?: Contract | undefined;
  /** Spans. */
  readonly traces?:
    | {
        /** Where spans go. Default: `'otlp'`. Environment: OTEL_TRACES_EXPORTER. */
        readonly exporter?: 'otlp' | 'console' | 'none' | SpanExporter | undefined;
        /** Protocol of the OTLP intake. `http/json` costs more. Use it only for an intake that accepts nothing else. Default: `'http/protobuf'`; `'grpc'` if the port of `endpoint` is 4317. Environment: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL. */
        readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc' | undefined;
        /** Full URL of the OTLP intake for traces. With `grpc` the path counts for nothing. Default: `http://localhost:4318/v1/traces`; with `grpc` `http://localhost:4317`. Environment: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** PEM file with the certificate authorities that the intake's certificate is checked against, instead of those that Node trusts. Read once, at start. Default: those that Node trusts, including NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
        readonly certificate?: string | undefined;
        /** PEM file with the certificate that the service presents to an intake that asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
        readonly clientCertificate?: string | undefined;
        /** PEM file with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
        readonly clientKey?: string | undefined;
        /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_TRACES_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
        readonly compression?: 'gzip' | 'none' | undefined;
        /** Maximum time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
        readonly timeoutMillis?: number | undefined;
        /** Which traces are recorded. The ratio of the `traceidratio` samplers is `samplingRatio`. Default: `'parentbased_traceidratio'`: the decision of the caller is kept, new traces use `samplingRatio`. Environment: OTEL_TRACES_SAMPLER. */
        readonly sampler?: SamplerName | Sampler | undefined;
        /** Share of new traces that are recorded, from 0 to 1. Metrics and logs never depend on it. Default: `1`. Environment: OTEL_TRACES_SAMPLER_ARG. */
        readonly samplingRatio?: number | undefined;
        /** Shares of new traces by route, instead of `samplingRatio`: `{ '/checkout': 1, 'GET /reports/*': 0.01 }`. The pattern is matched against the path of the request, because the route is not known when a trace begins. `:id` and `{id}` match one segment, `*` at the end matches everything. The first route that matches decides. Works with the `parentbased` samplers. Default: none. Environment: THROUGHLINE_TRACES_ROUTE_RATIOS. */
        readonly routeRatios?: Readonly<Record<string, number>> | undefined;
        /** Maximum number of new traces per second that are recorded by this process. Traces that a caller began are not limited. Traces kept by `keepErrors` and `keepSlowerThanMillis` have a second limit of the same size, so that neither takes the place of the other. Works with the `parentbased` samplers. Default: no limit. Environment: THROUGHLINE_TRACES_MAX_PER_SECOND. */
        readonly maxTracesPerSecond?: number | undefined;
        /** Whether traces that the sampler does not take are kept if a span of this process fails. All spans that this process has of the trace are exported, those before the failure included. Services that are called decide for themselves. Default: `false`. Environment: THROUGHLINE_TRACES_KEEP_ERRORS. */
        readonly keepErrors?: boolean | undefined;
        /** Traces that the sampler does not take are kept if a span of this process takes at least this long, in milliseconds. All spans that this process has of the trace are exported. Default: off. Environment: THROUGHLINE_TRACES_KEEP_SLOWER_THAN. */
        readonly keepSlowerThanMillis?: number | undefined;
        /** Bounds of the memory in which traces wait until `keepErrors` and `keepSlowerThanMillis` decide. When it is full, the oldest trace is dropped, or kept if it is slow already. Counted in `throughline_held_traces_total`. */
        readonly held?:
          | {
              /** Maximum number of traces that wait at a time. A request in progress is one. Default: `5000`. */
              readonly maxTraces?: number | undefined;
              /** Maximum number of finished spans that wait per trace. Spans beyond it are dropped; if the trace is kept, they are counted. Default: `1000`. */
              readonly maxSpansPerTrace?: number | undefined;
              /** Maximum memory of all finished spans that wait, in bytes (approximate). One trace gets a quarter of it. Default: `16777216`. */
              readonly maxBytes?: number | undefined;
            }
          | undefined;
        /** Formats of the headers that carry a trace between services. All of them are read, and all are written. Default: `['tracecontext', 'baggage']`. Environment: OTEL_PROPAGATORS. */
        readonly propagators?: readonly (PropagatorName | TextMapPropagator)[] | undefined;
        /** Limits of one span. The span counts what is dropped. A value that is cut to a number of bytes ends with a note. */
        readonly limits?:
          | {
              /** Maximum number of attributes of a span. Default: `128`. Environment: OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributeCount?: number | undefined;
              /** Maximum length of a text in an attribute, in characters. Longer texts are cut without a mark. Default: none; `maxValueBytes` applies. Environment: OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT. */
              readonly attributeValueLength?: number | undefined;
              /** Maximum number of events of a span. Beyond it the oldest is dropped. Default: `128`. Environment: OTEL_SPAN_EVENT_COUNT_LIMIT. */
              readonly eventCount?: number | undefined;
              /** Maximum number of links of a span. Beyond it the oldest is dropped. Default: `128`. Environment: OTEL_SPAN_LINK_COUNT_LIMIT. */
              readonly linkCount?: number | undefined;
              /** Maximum number of attributes of an event. Default: `128`. Environment: OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributesPerEvent?: number | undefined;
              /** Maximum number of attributes of a link. Default: `128`. Environment: OTEL_LINK_ATTRIBUTE_COUNT_LIMIT. */
              readonly attributesPerLink?: number | undefined;
              /** Maximum size, in bytes, of one value, of the message or stack of an exception, or of the description of a status. Default: `16384`. */
              readonly maxValueBytes?: number | undefined;
              /** Approximate maximum size of all values of one span together, in bytes. Default: `131072`. */
              readonly maxSpanBytes?: number | undefined;
            }
          | undefined;
        /** Batching before export. When the queue is full, data is dropped and counted. */
        readonly batch?:
          | {
              /** Maximum number of finished items that wait in memory for export. Default: `2048`. Environment: OTEL_BSP_MAX_QUEUE_SIZE. */
              readonly maxQueueSize?: number | undefined;
              /** Maximum number of items in one export. It cannot exceed `maxQueueSize`. Default: `512`. Environment: OTEL_BSP_MAX_EXPORT_BATCH_SIZE. */
              readonly maxExportBatchSize?: number | undefined;
              /** Maximum size of the items that wait in memory for export, in bytes. It does not apply to an exporter of your own and to spans as `http/json`. Default: `16777216`. */
              readonly maxQueueBytes?: number | undefined;
              /** An export is sent when its items have this size, in bytes, even if there are fewer than `maxExportBatchSize`. Intakes accept at least 4 MiB. It does not apply to an exporter of your own and to spans as `http/json`. Default: `1048576`. */
              readonly maxExportBatchBytes?: number | undefined;
              /** Maximum time that an item waits for its batch to fill, in milliseconds. Default: `5000`. Environment: OTEL_BSP_SCHEDULE_DELAY. */
              readonly scheduledDelayMillis?: number | undefined;
              /** Maximum time for one export, retries included, in milliseconds. The shorter of this time and `timeoutMillis` applies. Default: `30000`. Environment: OTEL_BSP_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** Metrics, scraped by Prometheus or pushed by OTLP. */
  readonly metrics?:
    | {
        /** How metrics leave the process: with `prometheus` they are scraped at `metrics.endpoint`, with `otlp` they are pushed as `metrics.push` says. Default: `['prometheus']`. Environment: OTEL_METRICS_EXPORTER. */
        readonly exporters?: readonly MetricExporterName[] | undefined;
        /** Push by OTLP/HTTP. An object in code turns it on in addition to scraping. `false` turns it off, even if the environment turns it on. */
        readonly push?:
          | false
          | {
              /** Protocol of the OTLP intake. `http/json` costs more. Use it only for an intake that accepts nothing else. Default: `'http/protobuf'`; `'grpc'` if the port of `endpoint` is 4317. Environment: OTEL_EXPORTER_OTLP_METRICS_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL. */
              readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc' | undefined;
              /** Full URL of the OTLP intake for metrics. With `grpc` the path counts for nothing. Default: `http://localhost:4318/v1/metrics`; with `grpc` `http://localhost:4317`. Environment: OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
              readonly endpoint?: string | undefined;
              /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_METRICS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
              readonly headers?: Readonly<Record<string, string>> | undefined;
              /** PEM file with the certificate authorities that the intake's certificate is checked against, instead of those that Node trusts. Read once, at start. Default: those that Node trusts, including NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
              readonly certificate?: string | undefined;
              /** PEM file with the certificate that the service presents to an intake that asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
              readonly clientCertificate?: string | undefined;
              /** PEM file with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
              readonly clientKey?: string | undefined;
              /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_METRICS_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
              readonly compression?: 'gzip' | 'none' | undefined;
              /** Maximum time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_METRICS_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
              readonly timeoutMillis?: number | undefined;
              /** Time between two exports, in milliseconds. Default: `60000`. Environment: OTEL_METRIC_EXPORT_INTERVAL. */
              readonly intervalMillis?: number | undefined;
              /** Maximum time to collect and send once, in milliseconds. It cannot exceed the interval. Default: `30000`. Environment: OTEL_METRIC_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
              /** Whether counters and histograms are sent as totals (`cumulative`) or as the change since the last export (`delta`). Prometheus needs totals. Default: `'cumulative'`. Environment: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE. */
              readonly temporality?: 'cumulative' | 'delta' | 'lowmemory' | undefined;
            }
          | undefined;
        /** The HTTP endpoint for the scraper. Use `false` if the service mounts `metricsHandler` itself. */
        readonly endpoint?:
          | false
          | {
              /** Address to listen on. Default: all addresses. Environment: OTEL_EXPORTER_PROMETHEUS_HOST. */
              readonly host?: string | undefined;
              /** Port to listen on. With 0 the system chooses a free port, and the log line at start names it. Default: `9464`. Environment: OTEL_EXPORTER_PROMETHEUS_PORT. */
              readonly port?: number | undefined;
              /** Path of the endpoint. Default: `'/metrics'`. */
              readonly path?: string | undefined;
              /** Bearer token that a scraper must send. Without a token the endpoint is open. Default: none. Environment: THROUGHLINE_METRICS_TOKEN. */
              readonly token?: string | undefined;
            }
          | undefined;
        /** Whether the processes of a cluster, and the threads of a process, answer a scrape together. With `false` each serves only its own metrics, and needs a separate port. Default: `true`. Environment: THROUGHLINE_METRICS_CLUSTER. */
        readonly cluster?: boolean | undefined;
        /** Further registries of prom-client or `@prometheus-io/client` to serve in the same response. The default registries of all loaded copies of both libraries are always included. Default: none. */
        readonly registries?: readonly MetricRegistry[] | undefined;
        /** Whether prom-client's `process_*` and `nodejs_*` metrics are collected. Default: `true`. */
        readonly runtime?: boolean | undefined;
        /** Maximum number of series of one metric. It applies to Throughline's metrics and to those of `counter()`, `gauge()` and `histogram()`. Further label values are recorded in one series with `otel_metric_overflow="true"`. Default: `2000`. */
        readonly maxSeriesPerMetric?: number | undefined;
        /** Whether each histogram bucket carries the id of a trace that it counted (OpenMetrics format only). Default: `true`. */
        readonly exemplars?: boolean | undefined;
      }
    | undefined;
  /** Log lines. */
  readonly logs?:
    | {
        /** Lowest level that is written. It can be a level name of npm or of syslog. Default: `'info'`. Environment: LOG_LEVEL. */
        readonly level?: LogLevel | undefined;
        /** JSON lines for machines, or coloured lines for people. Files always get JSON. Default: `'pretty'` when stdout is a terminal, otherwise `'json'`. */
        readonly format?: 'json' | 'pretty' | undefined;
        /** Where log lines are written: `stdout`, `otlp` for an OTLP/HTTP intake, and `{ file: '/var/log/…' }` for agents that tail files. Default: `['stdout']`. Environment: OTEL_LOGS_EXPORTER. */
        readonly destinations?: readonly LogDestination[] | undefined;
        /** Where Throughline writes its own lines, such as its start line and its warnings. The default is stderr, because another program may read the stdout of the service. Default: `'stderr'`. Environment: THROUGHLINE_SDK_LINES. */
        readonly sdkLines?: 'stderr' | 'stdout' | undefined;
        /** Whether one line at start lists what is on: the plugins, the endpoint of the spans, the port of the metrics. Default: `true`. Environment: THROUGHLINE_START_LINE. */
        readonly startLine?: boolean | undefined;
        /** What is redacted in log lines, in addition to the usual secrets: field names (`'iban'`), paths (`'user.email'`, `'items[*].card'`) and regular expressions for texts. `false` redacts nothing, not even the usual secrets. Default: the usual secrets only. */
        readonly redact?: false | readonly (string | RegExp)[] | undefined;
        /** Maximum length of a text in one field of a line, in characters. Longer texts are cut. Default: `16384`. */
        readonly maxFieldLength?: number | undefined;
        /** Whether one line is written for each HTTP request that the service has answered, with route, status and duration. Default: `false`. */
        readonly access?: boolean | undefined;
        /** Whether one line is written at the end of each request, consumed message and job, with its outcome, its duration and everything that `annotate` added. It takes the place of the line of `access`. Default: `false`. Environment: THROUGHLINE_CANONICAL_LINE. */
        readonly canonicalLine?: boolean | undefined;
        /** Logging libraries of the service whose lines get the trace fields automatically. Default: `['winston', 'pino', 'bunyan', 'nestjs']`. */
        readonly correlate?: readonly ('winston' | 'pino' | 'bunyan' | 'nestjs' | 'console')[] | undefined;
        /** What else is done with the lines of those libraries: `level` writes the level as a word, `identity` adds the labels of the service, `otlp` sends a copy to the `otlp` destination. Default: nothing: their lines stay as they are. */
        readonly correlateWith?: readonly ('level' | 'identity' | 'otlp')[] | undefined;
        /** Whether uncaught exceptions and unhandled rejections are logged with their trace and flushed. Node does and prints the same as without Throughline. Default: `true`. */
        readonly crashes?: boolean | undefined;
        /** Signal that switches the log level to `debug` for `debugSignalSeconds`. A second signal switches back. Node uses SIGUSR1 to start its debugger. Default: none. Environment: LOG_DEBUG_SIGNAL. */
        readonly debugSignal?: 'SIGUSR1' | 'SIGUSR2' | undefined;
        /** How long the level `debug` lasts after `debugSignal`, in seconds. Default: `300`. */
        readonly debugSignalSeconds?: number | undefined;
        /** Flood control. It is off unless one of its limits is set. Lines of a trace that has an error are never dropped. Dropped lines are counted and reported once per interval. */
        readonly flood?:
          | {
              /** Maximum number of lines with the same message per interval. Numbers and ids in the message are ignored. Default: no limit. */
              readonly maxRepeats?: number | undefined;
              /** Maximum number of lines per second for each level, for example `{ info: 100 }`. Default: no limits. */
              readonly maxLinesPerSecond?: Readonly<Partial<Record<LogLevel, number>>> | undefined;
              /** Length of an interval, in seconds. Default: `30`. */
              readonly intervalSeconds?: number | undefined;
            }
          | undefined;
        /** Protocol of the OTLP intake. `http/json` costs more. Use it only for an intake that accepts nothing else. Default: `'http/protobuf'`; `'grpc'` if the port of `endpoint` is 4317. Environment: OTEL_EXPORTER_OTLP_LOGS_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL. */
        readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc' | undefined;
        /** Full URL of the OTLP intake for logs. With `grpc` the path counts for nothing. Default: `http://localhost:4318/v1/logs`; with `grpc` `http://localhost:4317`. Environment: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_LOGS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** PEM file with the certificate authorities that the intake's certificate is checked against, instead of those that Node trusts. Read once, at start. Default: those that Node trusts, including NODE_EXTRA_CA_CERTS. Environment: OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE. */
        readonly certificate?: string | undefined;
        /** PEM file with the certificate that the service presents to an intake that asks for one. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE. */
        readonly clientCertificate?: string | undefined;
        /** PEM file with the private key of `clientCertificate`. Read once, at start. Default: none. Environment: OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY. */
        readonly clientKey?: string | undefined;
        /** Compression of the exported data. Default: `'none'`. Environment: OTEL_EXPORTER_OTLP_LOGS_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION. */
        readonly compression?: 'gzip' | 'none' | undefined;
        /** Maximum time for one export, retries included, in milliseconds. Default: `10000`. Environment: OTEL_EXPORTER_OTLP_LOGS_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT. */
        readonly timeoutMillis?: number | undefined;
        /** Batching before export. When the queue is full, data is dropped and counted. */
        readonly batch?:
          | {
              /** Maximum number of finished items that wait in memory for export. Default: `2048`. Environment: OTEL_BLRP_MAX_QUEUE_SIZE. */
              readonly maxQueueSize?: number | undefined;
              /** Maximum number of items in one export. It cannot exceed `maxQueueSize`. Default: `512`. Environment: OTEL_BLRP_MAX_EXPORT_BATCH_SIZE. */
              readonly maxExportBatchSize?: number | undefined;
              /** Maximum size of the items that wait in memory for export, in bytes. It does not apply to an exporter of your own and to spans as `http/json`. Default: `16777216`. */
              readonly maxQueueBytes?: number | undefined;
              /** An export is sent when its items have this size, in bytes, even if there are fewer than `maxExportBatchSize`. Intakes accept at least 4 MiB. It does not apply to an exporter of your own and to spans as `http/json`. Default: `1048576`. */
              readonly maxExportBatchBytes?: number | undefined;
              /** Maximum time that an item waits for its batch to fill, in milliseconds. Default: `1000`. Environment: OTEL_BLRP_SCHEDULE_DELAY. */
              readonly scheduledDelayMillis?: number | undefined;
              /** Maximum time for one export, retries included, in milliseconds. The shorter of this time and `timeoutMillis` applies. Default: `30000`. Environment: OTEL_BLRP_EXPORT_TIMEOUT. */
              readonly exportTimeoutMillis?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  /** Incoming and outgoing HTTP requests. */
  readonly http?:
    | {
        /** Paths for which no spans and metrics are recorded, such as probes. A string must equal the whole path. A regular expression is tested against the path without its query. Default: `['/health', '/healthz', '/livez', '/readyz', '/metrics']`. */
        readonly ignoreIncomingPaths?: readonly (string | RegExp)[] | undefined;
        /** Request headers to record on server spans as `http.request.header.<name>`. Default: none. */
        readonly captureRequestHeaders?: readonly string[] | undefined;
        /** Response headers to record on server spans as `http.response.header.<name>`. Default: none. */
        readonly captureResponseHeaders?: readonly string[] | undefined;
        /** Whether requests continue the trace of their caller. With `false`, each request begins a new trace, and the trace headers and baggage of the caller are ignored. With `'link'`, it begins a new trace too, and its span links to the span of the caller. A function decides per request; if it throws, the answer is `false`. Set this for a service that is open to unknown callers: a trusted caller chooses the trace id, whether the trace is recorded, and the baggage that is passed on to other services. Default: `true`. Environment: THROUGHLINE_HTTP_TRUST_INCOMING_TRACE. */
        readonly trustIncomingTrace?:
          | boolean
          | 'link'
          | ((request: IncomingMessage) => boolean | 'link')
          | undefined;
        /** Hosts to which outgoing requests carry trace headers (`traceparent`, `baggage`, the old header of the bridge). A string is a host, `host:port`, or `.domain` for all hosts below it. A regular expression is tested against the URL without its query. With an empty array no request carries them. Spans and metrics are recorded for all requests. Default: all hosts. Environment: THROUGHLINE_HTTP_PROPAGATE_TO. */
        readonly propagateTo?: readonly (string | RegExp)[] | undefined;
        /** Whether `client.address` on spans is read from the headers `Forwarded` or `X-Forwarded-For`, if the request has them. Metrics never use these headers. Default: `true`. */
        readonly trustForwardedHeaders?: boolean | undefined;
        /** Query parameters whose values are replaced by REDACTED on spans, in addition to the usual secrets. Default: none. */
        readonly redactQueryParameters?: readonly string[] | undefined;
      }
    | undefined;
  /** The bridge from hand-made trace headers (docs/moving-over.md). A name, or an array of names, is short for `{ name }`. */
  readonly legacyTraceHeader?:
    | false
    | string
    | readonly string[]
    | {
        /** The old header, or several, the most trusted first. Headers of requests and messages are read without regard to case. They are written exactly as given here. Default: none: the bridge is off. Environment: THROUGHLINE_LEGACY_TRACE_HEADER. */
        readonly name?: string | readonly string[] | undefined;
        /** Whether outgoing calls and messages carry the old header in addition to the trace context. Default: `true`. */
        readonly send?: boolean | undefined;
        /** Last day (UTC) on which the old header is used, or a time with its zone. Warnings start 14 days before. After it the header is ignored, but requests that carry it are still counted. Default: no end. */
        readonly acceptUntil?: string | undefined;
        /** Whether responses carry the trace id: in W3C `traceresponse`, in the old header, or in both. A header that the service itself sets is not changed. Default: `false`. */
        readonly respond?: false | 'traceresponse' | 'legacy' | 'both' | undefined;
        /** A request header that names the caller, such as `x-client-name`. It shows which callers still send the old header. Default: none: `service.name` in the baggage, else the user agent, else the network. */
        readonly sourceHeader?: string | undefined;
      }
    | undefined;
  /** Live control over HTTP, on the metrics endpoint (docs/live-control.md). */
  readonly control?:
    | {
        /** Bearer token for `/observability/…`, at least 16 characters. Without a token these paths return 404. Default: none: live control is off. Environment: THROUGHLINE_CONTROL_TOKEN. */
        readonly token?: string | undefined;
      }
    | undefined;
  /** Profiles, with the package @throughline/profiles (docs/profiles.md). */
  readonly profiles?:
    | {
        /** Address of Pyroscope, or of an OTLP intake. With it, the service is profiled all the time. Without it, profiles are taken only on request. Default: none: no continuous profiles. Environment: THROUGHLINE_PROFILES_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Protocol of the intake. `'pyroscope'` is `push.v1.PusherService/Push`; `'otlp'` is OTLP over HTTP with protobuf, version v1development. Default: `'pyroscope'`. Environment: THROUGHLINE_PROFILES_PROTOCOL. */
        readonly protocol?: 'pyroscope' | 'otlp' | undefined;
        /** Which profiles are taken all the time. Default: `['wall', 'cpu', 'heap']`. Environment: THROUGHLINE_PROFILES_TYPES. */
        readonly types?: readonly ('wall' | 'cpu' | 'heap')[] | undefined;
        /** Bearer token for the intake. Environment: THROUGHLINE_PROFILES_TOKEN. */
        readonly token?: string | undefined;
        /** User for basic authentication at the intake, together with `password`. Environment: THROUGHLINE_PROFILES_USER. */
        readonly user?: string | undefined;
        /** Password of `user`. Environment: THROUGHLINE_PROFILES_PASSWORD. */
        readonly password?: string | undefined;
        /** Tenant of the intake, sent as the header `X-Scope-OrgID`. Environment: THROUGHLINE_PROFILES_TENANT. */
        readonly tenant?: string | undefined;
        /** Further headers sent with every profile. Environment: THROUGHLINE_PROFILES_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
        /** Time between two samples of a wall or CPU profile, in milliseconds. An overloaded process takes fewer samples. Default: `10`. Environment: THROUGHLINE_PROFILES_SAMPLING_INTERVAL. */
        readonly samplingIntervalMillis?: number | undefined;
        /** Allocated bytes between two samples of a heap profile. Default: `524288`. Environment: THROUGHLINE_PROFILES_HEAP_SAMPLING_INTERVAL. */
        readonly heapSamplingIntervalBytes?: number | undefined;
        /** Time that one profile covers before it is sent, in milliseconds. Default: `15000`. Environment: THROUGHLINE_PROFILES_UPLOAD_INTERVAL. */
        readonly uploadIntervalMillis?: number | undefined;
        /** Whether samples carry `trace_id` in addition to `span_id`. Pyroscope 2.0 and older make a series of each trace id: switch it off there. Default: `true`. Environment: THROUGHLINE_PROFILES_TRACE_IDS. */
        readonly traceIds?: boolean | undefined;
      }
    | undefined;
  /** The end of the process. */
  readonly shutdown?:
    | {
        /** Maximum time that `flush` and `shutdown` take, in milliseconds. Default: `5000`. */
        readonly timeoutMillis?: number | undefined;
        /** Maximum time that the end of the process waits for queued telemetry to be sent, in milliseconds. It applies after `process.exit()` and after a crash, when nothing can be sent in the background. With 0 nothing is sent then. Default: `2000`. Environment: THROUGHLINE_EXIT_TIMEOUT. */
        readonly exitTimeoutMillis?: number | undefined;
        /** Whether SIGTERM and SIGINT flush telemetry. The process ends as it would without Throughline. If the service handles the signal, it still decides when the process ends. Default: `true`. */
        readonly handleSignals?: boolean | undefined;
      }
    | undefined;
}
