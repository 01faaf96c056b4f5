import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series, table } from './panels.js';
import { ofServices, quantile, rate, sum } from './selectors.js';
import { environment, service } from './variables.js';

const all = ofServices();
const lost = ofServices('result=~"dropped|failed"');
const byResult = ['service_name', 'result'];
const legend = '{{service_name}} {{result}}';

/** The health of the telemetry itself, and the callers that still send hand-made trace headers. */
export const telemetry = dashboard({
  uid: 'throughline-sdk',
  title: 'SDK health',
  description:
    'Exported and lost spans, log records and series, and callers that still send old trace headers.',
  sources: ['prometheus'],
})
  .withVariable(environment())
  .withVariable(service())
  .withRow(new RowBuilder('Is anything lost?'))
  .withPanel(
    series({
      title: 'Spans',
      unit: 'ops',
      width: 8,
      queries: [{ expr: sum(byResult, rate('throughline_spans_total', all)), legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Log records by OTLP',
      unit: 'ops',
      width: 8,
      queries: [{ expr: sum(byResult, rate('throughline_log_records_total', all)), legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Lost',
      description: 'Dropped: the queue was full. Failed: the backend did not accept the data.',
      unit: 'ops',
      width: 8,
      queries: [
        { expr: sum(byResult, rate('throughline_spans_total', lost)), legend: `spans ${legend}` },
        { expr: sum(byResult, rate('throughline_log_records_total', lost)), legend: `log records ${legend}` },
        {
          expr: sum(byResult, rate('throughline_metric_points_total', lost)),
          legend: `pushed data points ${legend}`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of exports, p95',
      unit: 's',
      queries: [
        {
          expr: quantile(0.95, 'throughline_export_duration_seconds', all, ['service_name', 'signal']),
          legend: '{{service_name}} {{signal}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of scrapes',
      unit: 's',
      queries: [{ expr: 'max by (job, instance) (scrape_duration_seconds)', legend: '{{job}} {{instance}}' }],
    }),
  )
  .withPanel(
    series({
      title: 'Data points pushed by OTLP',
      description: 'Only services that push their metrics have this series.',
      unit: 'ops',
      queries: [{ expr: sum(byResult, rate('throughline_metric_points_total', all)), legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Failed collect callbacks',
      description: 'The callback of a metric threw or timed out. The scrape lacks only that metric.',
      queries: [
        {
          expr: sum(['service_name', 'metric'], rate('throughline_collect_failures_total', all)),
          legend: '{{service_name}} {{metric}}',
        },
      ],
    }),
  )
  .withRow(new RowBuilder('Series and contract'))
  .withPanel(
    table({
      title: 'Series by service',
      labels: { service_name: 'Service', deployment_environment_name: 'Environment' },
      columns: [{ title: 'Series', expr: `count by (service_name, deployment_environment_name) (${all})` }],
    }),
  )
  .withPanel(
    series({
      title: 'Values in overflow series',
      description: 'A metric has reached its limit of label sets: `metrics.maxSeriesPerMetric`.',
      queries: [
        {
          expr: sum(['service_name', 'metric'], rate('throughline_series_overflow_total', all)),
          legend: '{{service_name}} {{metric}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Contract violations',
      description: 'Only services with a contract have this series.',
      queries: [
        {
          expr: `sum by (service_name, rule) (increase(throughline_contract_violations_total${all}[$__rate_interval]))`,
          legend: '{{service_name}} {{rule}}',
        },
      ],
    }),
  )
  .withPanel(
    table({
      title: 'Throughline versions',
      labels: { service_name: 'Service', deployment_environment_name: 'Environment', version: 'Throughline' },
      columns: [
        {
          title: 'Instances',
          expr: `count by (service_name, deployment_environment_name, version) (throughline_info${all})`,
        },
      ],
    }),
  )
  .withRow(new RowBuilder('Moving over: old trace headers'))
  .withPanel(
    series({
      title: 'Requests and messages with an old header',
      description: 'When no more come in, remove the option `legacyTraceHeader`.',
      unit: 'reqps',
      queries: [
        {
          expr: sum(
            ['service_name', 'direction', 'source'],
            rate('throughline_legacy_trace_headers_total', all),
          ),
          legend: '{{service_name}} {{direction}} {{source}}',
        },
      ],
    }),
  )
  .withPanel(
    table({
      title: 'Who still sends it',
      labels: { service_name: 'Received by', source: 'Sent by' },
      columns: [
        {
          title: 'In the selected time range',
          expr: `sum by (service_name, source) (increase(throughline_legacy_trace_headers_total${ofServices('direction="in"')}[$__range]))`,
        },
      ],
    }),
  );
