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
 * A registry of prom-client, whichever copy or version, or of its successor `@prometheus-io/client`: what Throughline
 * needs of it.
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

export const metricOptions = group('Metrics, for Prometheus to scrape or pushed by OTLP.', {
  exporters: option({
    type: 'readonly MetricExporterName[]',
    description:
      'How metrics leave: `prometheus` is scraped at `metrics.endpoint`, `otlp` is pushed as `metrics.push` says.',
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
    'Pushing by OTLP/HTTP: an object in code pushes beside being scraped; `false` never pushes, whatever the environment says.',
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
        description: 'Longest time for collecting and sending once, in milliseconds; at most the interval.',
        fallback: 30_000,
        environment: [{ name: 'OTEL_METRIC_EXPORT_TIMEOUT', parse: parseNumber(intervalLimits) }],
        parse: checkNumber(intervalLimits),
      }),
      temporality: option({
        type: "'cumulative' | 'delta' | 'lowmemory'",
        description:
          'Whether counters and histograms are sent as totals or as what came since the last export. Prometheus takes totals.',
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
        environment: [{ name: 'THROUGHLINE_METRICS_TOKEN', parse: checkText }],
        secret: true,
        parse: checkText,
      }),
    },
  ),
  cluster: option({
    type: 'boolean',
    description:
      'Whether the processes of a cluster, and the threads of a process, answer a scrape as one. With `false` each has its own metrics only, and needs a port of its own.',
    fallback: true,
    environment: [{ name: 'THROUGHLINE_METRICS_CLUSTER', parse: parseBoolean }],
    parse: checkBoolean,
  }),
  registries: option({
    type: 'readonly MetricRegistry[]',
    description:
      'Further registries of prom-client or `@prometheus-io/client` to serve in the same answer. The default registries of all loaded copies of both are always part of it.',
    fallback: [],
    fallbackText: 'none',
    parse: checkList(
      'takes an array of prom-client registries',
      isObjectWith<MetricRegistry>('getMetricsAsArray', 'registerMetric'),
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
});
