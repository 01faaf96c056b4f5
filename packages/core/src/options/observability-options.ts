// Generated from the option table by `npm run generate`; do not edit.
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Registry } from 'prom-client';
import type { Contract } from '../contract/contract.js';
import type { ObservabilityPlugin } from '../plugin.js';
import type { LogDestination, LogLevel } from './log-options.js';
import type { PropagatorName, SamplerName } from './trace-options.js';

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
        /** Full URL of the OTLP/HTTP intake for traces. Default: `'http://localhost:4318/v1/traces'`. Environment: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
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
  /** Prometheus metrics. */
  readonly metrics?:
    | {
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
              /** Bearer token that a scraper must send; without one the endpoint is open. Default: none. */
              readonly token?: string | undefined;
            }
          | undefined;
        /** Further prom-client registries to serve in the same answer. prom-client's default registry is always part of it. Default: none. */
        readonly registries?: readonly Registry[] | undefined;
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
        /** Least important level that is written. Default: `'info'`. Environment: LOG_LEVEL. */
        readonly level?: LogLevel | undefined;
        /** JSON lines for machines, or coloured lines for a person. Default: `'pretty'` when stdout is a terminal, otherwise `'json'`. */
        readonly format?: 'json' | 'pretty' | undefined;
        /** Where lines go: `stdout`, and `otlp` for an OTLP/HTTP intake. Default: `['stdout']`. Environment: OTEL_LOGS_EXPORTER. */
        readonly destinations?: readonly LogDestination[] | undefined;
        /** Full URL of the OTLP/HTTP intake for logs. Default: `'http://localhost:4318/v1/logs'`. Environment: OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT. */
        readonly endpoint?: string | undefined;
        /** Headers sent with every export, for example for authentication. Environment: OTEL_EXPORTER_OTLP_LOGS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS. */
        readonly headers?: Readonly<Record<string, string>> | undefined;
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
        /** Whether `client.address` on spans comes from `Forwarded` or `X-Forwarded-For` where they are present. Metrics never use them. Default: `true`. */
        readonly trustForwardedHeaders?: boolean | undefined;
        /** Query parameters, beside the usual secrets, whose values are replaced by REDACTED on spans. Default: none. */
        readonly redactQueryParameters?: readonly string[] | undefined;
      }
    | undefined;
  /** The end of the process. */
  readonly shutdown?:
    | {
        /** Longest time that `flush` and `shutdown` take, in milliseconds. Default: `5000`. */
        readonly timeoutMillis?: number | undefined;
        /** Whether SIGTERM and SIGINT flush telemetry. Node ends as it would have without Throughline; handlers of the service stay in charge. Default: `true`. */
        readonly handleSignals?: boolean | undefined;
      }
    | undefined;
}
