import type { MetricRegistry } from '../metrics/client-registries.js';
import {
  checkBoolean,
  checkList,
  checkNumber,
  checkText,
  countLimits,
  group,
  isObjectWith,
  option,
  parseNumber,
  portLimits,
  switchableGroup,
} from './option.js';

export const metricOptions = group('Prometheus metrics.', {
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
