import {
  checkBoolean,
  checkList,
  checkNumber,
  checkText,
  checkWord,
  countLimits,
  group,
  isObjectWith,
  option,
  parseBoolean,
  parseList,
  parseNumber,
  portLimits,
  switchableGroup,
} from './option.js';
import { otlpMembers } from './otlp-options.js';

/**
 * A registry of any copy or version of prom-client, or of its successor `@prometheus-io/client`. Only this member is
 * used.
 */
export interface MetricRegistry {
  /** All metrics that the registry holds. */
  getMetricsAsArray(): readonly object[];
}

const exporterNames = ['prometheus', 'otlp'] as const;
/** How metrics leave the process: scraped from the endpoint, or pushed. */
export type MetricExporterName = (typeof exporterNames)[number];

const temporalityNames = ['cumulative', 'delta', 'lowmemory'] as const;
const intervalLimits = { min: 1, max: 86_400_000, integer: true };

export const metricOptions = group('Metrics, scraped by Prometheus or pushed by OTLP.', {
  exporters: option({
    type: 'readonly MetricExporterName[]',
    description:
      'How metrics leave the process: with `prometheus` they are scraped at `metrics.endpoint`, with `otlp` they are pushed as `metrics.push` says.',
    fallback: ['prometheus'] as readonly MetricExporterName[],
    fallbackText: "`['prometheus']`",
    environment: [
      {
        name: 'OTEL_METRICS_EXPORTER',
        parse: (text) =>
          parseList(text)
            .map(checkWord([...exporterNames, 'none']))
            .filter((name) => name !== 'none'),
        note: '`prometheus`, `otlp`, both separated by a comma, or `none`',
      },
    ],
    parse: (value): readonly MetricExporterName[] => {
      if (!Array.isArray(value)) throw new Error("takes an array of 'prometheus', 'otlp'");
      return [...new Set(value.map(checkWord(exporterNames)))];
    },
  }),
  push: switchableGroup(
    'Push by OTLP/HTTP. An object in code turns it on in addition to scraping. `false` turns it off, even if the environment turns it on.',
    {
      ...otlpMembers('metrics'),
      intervalMillis: option({
        type: 'number',
        description: 'Time between two exports, in milliseconds.',
        fallback: 60_000,
        environment: [{ name: 'OTEL_METRIC_EXPORT_INTERVAL', parse: parseNumber(intervalLimits) }],
        parse: checkNumber(intervalLimits),
      }),
      exportTimeoutMillis: option({
        type: 'number',
        description: 'Maximum time to collect and send once, in milliseconds. It cannot exceed the interval.',
        fallback: 30_000,
        environment: [{ name: 'OTEL_METRIC_EXPORT_TIMEOUT', parse: parseNumber(intervalLimits) }],
        parse: checkNumber(intervalLimits),
      }),
      temporality: option({
        type: "'cumulative' | 'delta' | 'lowmemory'",
        description:
          'Whether counters and histograms are sent as totals (`cumulative`) or as the change since the last export (`delta`). Prometheus needs totals.',
        fallback: 'cumulative' as (typeof temporalityNames)[number],
        environment: [
          {
            name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
            parse: (text) => checkWord(temporalityNames)(text.trim().toLowerCase()),
          },
        ],
        parse: checkWord(temporalityNames),
      }),
    },
  ),
  endpoint: switchableGroup(
    'The HTTP endpoint for the scraper. Use `false` if the service mounts `metricsHandler` itself.',
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
        description:
          'Port to listen on. With 0 the system chooses a free port, and the log line at start names it.',
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
        description: 'Bearer token that a scraper must send. Without a token the endpoint is open.',
        fallbackText: 'none',
        environment: [{ name: 'THROUGHLINE_METRICS_TOKEN', parse: checkText }],
        secret: true,
        parse: checkText,
      }),
    },
  ),
  cluster: option({
    type: 'boolean',
    description:
      'Whether the processes of a cluster, and the threads of a process, answer a scrape together. With `false` each serves only its own metrics, and needs a separate port.',
    fallback: true,
    environment: [{ name: 'THROUGHLINE_METRICS_CLUSTER', parse: parseBoolean }],
    parse: checkBoolean,
  }),
  registries: option({
    type: 'readonly MetricRegistry[]',
    description:
      'Further registries of prom-client or `@prometheus-io/client` to serve in the same response. The default registries of all loaded copies of both libraries are always included.',
    fallback: [],
    fallbackText: 'none',
    parse: checkList(
      'takes an array of prom-client registries',
      isObjectWith<MetricRegistry>('getMetricsAsArray', 'registerMetric'),
    ),
  }),
  runtime: option({
    type: 'boolean',
    description: "Whether prom-client's `process_*` and `nodejs_*` metrics are collected.",
    fallback: true,
    parse: checkBoolean,
  }),
  maxSeriesPerMetric: option({
    type: 'number',
    description:
      'Maximum number of series of one metric. It applies to Throughline\'s metrics and to those of `counter()`, `gauge()` and `histogram()`. Further label values are recorded in one series with `otel_metric_overflow="true"`.',
    fallback: 2_000,
    parse: checkNumber(countLimits),
  }),
  exemplars: option({
    type: 'boolean',
    description:
      'Whether each histogram bucket carries the id of a trace that it counted (OpenMetrics format only).',
    fallback: true,
    parse: checkBoolean,
  }),
});
