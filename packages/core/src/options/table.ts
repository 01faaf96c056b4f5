import type { TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Registry } from 'prom-client';
import { ObservabilityError } from '../errors.js';
import type { ObservabilityPlugin } from '../plugin.js';
import {
  checkBoolean,
  checkNumber,
  checkText,
  checkTextList,
  checkTextRecord,
  checkUrl,
  checkWord,
  group,
  option,
  parseBoolean,
  parseList,
  parseNumber,
  parsePairs,
  portLimits,
  switchableGroup,
} from './option.js';

export const logLevels = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] as const;
export type LogLevel = (typeof logLevels)[number];

export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplerNames)[number];

export const propagatorNames = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none'] as const;
export type PropagatorName = (typeof propagatorNames)[number];

const traceExporterNames = ['otlp', 'console', 'none'] as const;
const logDestinations = ['stdout', 'otlp'] as const;
export type LogDestination = (typeof logDestinations)[number];

const ratioLimits = { min: 0, max: 1 };
const countLimits = { min: 1, max: 1_000_000, integer: true };
const millisLimits = { min: 0, max: 3_600_000, integer: true };

/** Endpoint, headers and limits of one signal's OTLP/HTTP exporter, each with the general variable behind its own. */
function otlpMembers(signal: 'traces' | 'logs') {
  const SIGNAL = signal.toUpperCase();
  const own = (suffix: string) => `OTEL_EXPORTER_OTLP_${SIGNAL}_${suffix}`;
  const general = (suffix: string) => `OTEL_EXPORTER_OTLP_${suffix}`;
  return {
    endpoint: option({
      type: 'string',
      description: `Full URL of the OTLP/HTTP intake for ${signal}.`,
      fallback: `http://localhost:4318/v1/${signal}`,
      environment: [
        { name: own('ENDPOINT'), parse: checkUrl },
        {
          name: general('ENDPOINT'),
          parse: (text) => `${checkUrl(text).replace(/\/+$/, '')}/v1/${signal}`,
          note: `\`/v1/${signal}\` is appended`,
        },
      ],
      parse: checkUrl,
    }),
    headers: option({
      type: 'Readonly<Record<string, string>>',
      description: 'Headers sent with every export, for example for authentication.',
      environment: [
        { name: own('HEADERS'), parse: parsePairs, note: '`key=value` pairs' },
        { name: general('HEADERS'), parse: parsePairs, note: '`key=value` pairs' },
      ],
      parse: checkTextRecord,
    }),
    compression: option({
      type: "'gzip' | 'none'",
      description: 'Compression of the exported data.',
      fallback: 'none' as 'gzip' | 'none',
      environment: [
        { name: own('COMPRESSION'), parse: checkWord(['gzip', 'none']) },
        { name: general('COMPRESSION'), parse: checkWord(['gzip', 'none']) },
      ],
      parse: checkWord(['gzip', 'none']),
    }),
    timeoutMillis: option({
      type: 'number',
      description: 'Longest time for one export, retries included, in milliseconds.',
      fallback: 10_000,
      environment: [
        { name: own('TIMEOUT'), parse: parseNumber(millisLimits) },
        { name: general('TIMEOUT'), parse: parseNumber(millisLimits) },
      ],
      parse: checkNumber(millisLimits),
    }),
  };
}

/** The queue between the service and an exporter; `prefix` is the specification's for that signal. */
function batchMembers(prefix: 'OTEL_BSP' | 'OTEL_BLRP', delayMillis: number) {
  return group('Batching before export. Beyond the queue, data is dropped and counted.', {
    maxQueueSize: option({
      type: 'number',
      description: 'Most finished items held in memory while they wait for export.',
      fallback: 2048,
      environment: [{ name: `${prefix}_MAX_QUEUE_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits),
    }),
    maxExportBatchSize: option({
      type: 'number',
      description: 'Most items in one export; at most `maxQueueSize`.',
      fallback: 512,
      environment: [{ name: `${prefix}_MAX_EXPORT_BATCH_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits),
    }),
    scheduledDelayMillis: option({
      type: 'number',
      description: 'Longest time an item waits for its batch to fill, in milliseconds.',
      fallback: delayMillis,
      environment: [{ name: `${prefix}_SCHEDULE_DELAY`, parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits),
    }),
    exportTimeoutMillis: option({
      type: 'number',
      description: 'Time after which an export in flight no longer holds up the next one, in milliseconds.',
      fallback: 30_000,
      environment: [{ name: `${prefix}_EXPORT_TIMEOUT`, parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits),
    }),
  });
}

function checkList<T>(
  words: string,
  isEntry: (entry: unknown) => entry is T,
): (value: unknown) => readonly T[] {
  return (value) => {
    if (!Array.isArray(value) || !value.every(isEntry)) throw new Error(words);
    return value;
  };
}

const isObjectWith =
  <T>(...methods: string[]) =>
  (value: unknown): value is T =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function');

const isSpanExporter = isObjectWith<SpanExporter>('export', 'shutdown');
const isSampler = isObjectWith<Sampler>('shouldSample');
const isPropagator = isObjectWith<TextMapPropagator>('inject', 'extract', 'fields');

const checkTraceExporterName = checkWord(traceExporterNames);
const checkSamplerName = checkWord(samplerNames);

function checkPropagators(value: unknown): readonly (PropagatorName | TextMapPropagator)[] {
  if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(propagatorNames)}`);
  return value.map((entry) => (isPropagator(entry) ? entry : checkWord(propagatorNames)(entry)));
}

function checkDestinations(value: unknown): readonly LogDestination[] {
  if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(logDestinations)}`);
  return [...new Set(value.map(checkWord(logDestinations)))];
}

function checkPlugins(value: unknown): readonly ObservabilityPlugin[] {
  if (!Array.isArray(value)) throw new Error('takes an array of plugins, for example [expressPlugin()]');
  value.forEach((entry, index) => {
    if (isPlugin(entry)) return;
    const got =
      typeof entry === 'function'
        ? `the function ${entry.name || '(anonymous)'} itself; call it`
        : `${entry === null ? 'null' : typeof entry} without a name and a setup function`;
    throw new ObservabilityError('OBS_PLUGIN_INVALID', `plugins[${index}] is ${got}.`);
  });
  return value;
}

function isPlugin(entry: unknown): entry is ObservabilityPlugin {
  if (!isObjectWith<ObservabilityPlugin>('setup')(entry)) return false;
  return typeof entry.name === 'string' && entry.name !== '';
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

/** Also for the setters of a running instance. */
export const checkLogLevel = checkWord(logLevels);
export const checkRatio = checkNumber(ratioLimits);

const checkHeaderNames = (value: unknown): readonly string[] =>
  checkTextList(value).map((name) => name.toLowerCase());

/**
 * Every option of `initObservability`. The types in `observability-options.ts`, the validation, the
 * environment parsing and docs/reference/options.md come from this table.
 */
export const optionTable = {
  enabled: option({
    type: 'boolean',
    description: 'Whether anything is recorded at all. When false, every call of the API stays harmless.',
    fallback: true,
    environment: [
      { name: 'OTEL_SDK_DISABLED', parse: (text) => !parseBoolean(text), note: 'true switches off' },
    ],
    parse: checkBoolean,
  }),
  serviceName: option({
    type: 'string',
    description: 'Logical name of the service, the same for all its instances.',
    fallbackText:
      '`service.name` of OTEL_RESOURCE_ATTRIBUTES, the name in the nearest package.json, or `unknown_service:node`',
    environment: [{ name: 'OTEL_SERVICE_NAME', parse: checkText }],
    parse: checkText,
  }),
  serviceVersion: option({
    type: 'string',
    description: 'Version of the service.',
    fallbackText: '`service.version` of OTEL_RESOURCE_ATTRIBUTES, or the version in the nearest package.json',
    parse: checkText,
  }),
  serviceNamespace: option({
    type: 'string',
    description: 'Group of services that this one belongs to.',
    fallbackText: '`service.namespace` of OTEL_RESOURCE_ATTRIBUTES',
    parse: checkText,
  }),
  environment: option({
    type: 'string',
    description: 'Deployment environment, for example `production`.',
    fallbackText:
      '`deployment.environment.name` (or the older `deployment.environment`) of OTEL_RESOURCE_ATTRIBUTES, or NODE_ENV',
    parse: checkText,
  }),
  team: option({
    type: 'string',
    description: 'Team that owns the service.',
    fallbackText: '`team` of OTEL_RESOURCE_ATTRIBUTES',
    parse: checkText,
  }),
  resourceAttributes: option({
    type: 'Readonly<Record<string, string>>',
    description:
      'Further resource attributes, such as `k8s.pod.name`. All sources are merged; code wins over the environment, key by key.',
    environment: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', parse: parsePairs, note: '`key=value` pairs' }],
    parse: checkTextRecord,
  }),
  plugins: option({
    type: 'readonly ObservabilityPlugin[]',
    description: 'Plugins, for example `expressPlugin()`.',
    fallback: [],
    fallbackText: 'none',
    parse: checkPlugins,
  }),
  instrumentations: option({
    type: 'readonly Instrumentation[]',
    description:
      'Stock OpenTelemetry instrumentations. They are applied to modules that are already loaded as well.',
    fallback: [],
    fallbackText: 'none',
    parse: checkList(
      'takes an array of OpenTelemetry instrumentations, for example [new PgInstrumentation()]',
      isObjectWith<Instrumentation>('enable', 'disable', 'setTracerProvider'),
    ),
  }),
  traces: group('Spans.', {
    exporter: option({
      type: "'otlp' | 'console' | 'none' | SpanExporter",
      description: 'Where spans go.',
      fallback: 'otlp' as (typeof traceExporterNames)[number] | SpanExporter,
      environment: [{ name: 'OTEL_TRACES_EXPORTER', parse: checkTraceExporterName }],
      parse: (value): (typeof traceExporterNames)[number] | SpanExporter => {
        if (isSpanExporter(value)) return value;
        try {
          return checkTraceExporterName(value);
        } catch (error) {
          throw new Error(`${(error as Error).message}, or a SpanExporter`);
        }
      },
    }),
    ...otlpMembers('traces'),
    sampler: option({
      type: 'SamplerName | Sampler',
      description: 'Which traces are recorded. The ratio of the `traceidratio` samplers is `samplingRatio`.',
      fallbackText:
        "`'parentbased_traceidratio'`: a caller's decision is kept, new traces follow `samplingRatio`",
      environment: [{ name: 'OTEL_TRACES_SAMPLER', parse: checkSamplerName }],
      parse: (value): SamplerName | Sampler => (isSampler(value) ? value : checkSamplerName(value)),
    }),
    samplingRatio: option({
      type: 'number',
      description: 'Share of new traces that are recorded, from 0 to 1. Metrics and logs never depend on it.',
      fallback: 1,
      environment: [{ name: 'OTEL_TRACES_SAMPLER_ARG', parse: parseNumber(ratioLimits) }],
      parse: checkNumber(ratioLimits),
    }),
    propagators: option({
      type: 'readonly (PropagatorName | TextMapPropagator)[]',
      description: 'Headers by which a trace travels between services; all are read, all are written.',
      fallback: ['tracecontext', 'baggage'] as readonly (PropagatorName | TextMapPropagator)[],
      environment: [{ name: 'OTEL_PROPAGATORS', parse: (text) => checkPropagators(parseList(text)) }],
      parse: checkPropagators,
    }),
    batch: batchMembers('OTEL_BSP', 5_000),
  }),
  metrics: group('Prometheus metrics.', {
    endpoint: switchableGroup(
      'The HTTP endpoint for the scraper; `false` when the service mounts `metricsHandler` itself.',
      {
        host: option({
          type: 'string',
          description: 'Address to listen on.',
          fallbackText: 'all addresses',
          environment: [{ name: 'OTEL_EXPORTER_PROMETHEUS_HOST', parse: checkText }],
          parse: checkText,
        }),
        port: option({
          type: 'number',
          description: 'Port to listen on; 0 takes any free one, which the log line at start names.',
          fallback: 9464,
          environment: [{ name: 'OTEL_EXPORTER_PROMETHEUS_PORT', parse: parseNumber(portLimits) }],
          parse: checkNumber(portLimits),
        }),
        path: option({
          type: 'string',
          description: 'Path of the endpoint.',
          fallback: '/metrics',
          parse: (value) => {
            const path = checkText(value);
            if (!path.startsWith('/')) throw new Error("takes a path that starts with '/'");
            return path;
          },
        }),
        token: option({
          type: 'string',
          description: 'Bearer token that a scraper must send; without one the endpoint is open.',
          fallbackText: 'none',
          parse: checkText,
        }),
      },
    ),
    registries: option({
      type: 'readonly Registry[]',
      description:
        "Further prom-client registries to serve in the same answer. prom-client's default registry is always part of it.",
      fallback: [],
      fallbackText: 'none',
      parse: checkList(
        'takes an array of prom-client registries',
        isObjectWith<Registry>('getMetricsAsArray', 'registerMetric'),
      ),
    }),
    runtime: option({
      type: 'boolean',
      description: "prom-client's own `process_*` and `nodejs_*` metrics.",
      fallback: true,
      parse: checkBoolean,
    }),
    maxSeriesPerMetric: option({
      type: 'number',
      description:
        'Most series of one metric, Throughline\'s own and those of `counter()`, `gauge()` and `histogram()`; further label sets go to one series with `otel_metric_overflow="true"`.',
      fallback: 2_000,
      parse: checkNumber(countLimits),
    }),
    exemplars: option({
      type: 'boolean',
      description: 'Whether histogram buckets carry the trace that fell into them (OpenMetrics format only).',
      fallback: true,
      parse: checkBoolean,
    }),
  }),
  logs: group('Log lines.', {
    level: option({
      type: 'LogLevel',
      description: 'Least important level that is written.',
      fallback: 'info' as LogLevel,
      environment: [{ name: 'LOG_LEVEL', parse: (text) => checkWord(logLevels)(text.toLowerCase()) }],
      parse: checkWord(logLevels),
    }),
    format: option({
      type: "'json' | 'pretty'",
      description: 'JSON lines for machines, or coloured lines for a person.',
      fallbackText: "`'pretty'` when stdout is a terminal, otherwise `'json'`",
      parse: checkWord(['json', 'pretty']),
    }),
    destinations: option({
      type: 'readonly LogDestination[]',
      description: 'Where lines go: `stdout`, and `otlp` for an OTLP/HTTP intake.',
      fallback: ['stdout'] as readonly LogDestination[],
      environment: [
        {
          name: 'OTEL_LOGS_EXPORTER',
          parse: (text) => {
            const names = parseList(text).map(checkWord(['otlp', 'console', 'none']));
            return names.includes('otlp') ? (['stdout', 'otlp'] as const) : (['stdout'] as const);
          },
          note: '`otlp` adds the OTLP intake; lines go to stdout in any case',
        },
      ],
      parse: checkDestinations,
    }),
    ...otlpMembers('logs'),
    batch: batchMembers('OTEL_BLRP', 1_000),
  }),
  http: group('HTTP in and out.', {
    ignoreIncomingPaths: option({
      type: 'readonly (string | RegExp)[]',
      description:
        'Paths without spans and metrics, such as probes. A string is the whole path; a regular expression is tested against the path without its query.',
      fallback: ['/health', '/healthz', '/livez', '/readyz', '/metrics'] as readonly (string | RegExp)[],
      parse: checkList<string | RegExp>(
        'takes an array of strings and regular expressions',
        (entry): entry is string | RegExp => typeof entry === 'string' || entry instanceof RegExp,
      ),
    }),
    captureRequestHeaders: option({
      type: 'readonly string[]',
      description: 'Request headers to record on server spans as `http.request.header.<name>`.',
      fallback: [] as readonly string[],
      fallbackText: 'none',
      parse: checkHeaderNames,
    }),
    captureResponseHeaders: option({
      type: 'readonly string[]',
      description: 'Response headers to record on server spans as `http.response.header.<name>`.',
      fallback: [] as readonly string[],
      fallbackText: 'none',
      parse: checkHeaderNames,
    }),
    trustForwardedHeaders: option({
      type: 'boolean',
      description:
        'Whether `client.address` on spans comes from `Forwarded` or `X-Forwarded-For` where they are present. Metrics never use them.',
      fallback: true,
      parse: checkBoolean,
    }),
    redactQueryParameters: option({
      type: 'readonly string[]',
      description:
        'Query parameters, beside the usual secrets, whose values are replaced by REDACTED on spans.',
      fallback: [] as readonly string[],
      fallbackText: 'none',
      parse: checkTextList,
    }),
  }),
  shutdown: group('The end of the process.', {
    timeoutMillis: option({
      type: 'number',
      description: 'Longest time that `flush` and `shutdown` take, in milliseconds.',
      fallback: 5_000,
      parse: checkNumber(millisLimits),
    }),
    handleSignals: option({
      type: 'boolean',
      description:
        'Whether SIGTERM and SIGINT flush telemetry. Node ends as it would have without Throughline; handlers of the service stay in charge.',
      fallback: true,
      parse: checkBoolean,
    }),
  }),
};

export type OptionTable = typeof optionTable;
