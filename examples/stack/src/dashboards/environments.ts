import { dashboard } from './dashboard.js';
import { logSeries, series, table } from './panels.js';
import { failedRequests, quantile, rate, share, sum } from './selectors.js';
import { percentile, serviceOfAnyEnvironment } from './variables.js';

const requests = 'http_server_request_duration_seconds';
const all = '{service_name=~"$service"}';
const failed = `{service_name=~"$service",${failedRequests}}`;
const by = ['deployment_environment_name'];
const legend = '{{deployment_environment_name}}';

/** One service in production, in development and under load test, side by side. */
export const environments = dashboard({
  uid: 'throughline-environments',
  title: 'Service across environments',
  description: 'One service in all its environments side by side: production, development, load test…',
  sources: ['prometheus', 'loki'],
})
  .withVariable(serviceOfAnyEnvironment())
  .withVariable(percentile())
  .withPanel(
    table({
      title: 'Where it runs',
      width: 24,
      height: 6,
      labels: { deployment_environment_name: 'Environment', service_version: 'Version', team: 'Team' },
      columns: [
        {
          title: 'Instances',
          expr: `count by (deployment_environment_name, service_version, team) (throughline_info${all})`,
        },
        {
          title: 'Started',
          unit: 'dateTimeFromNow',
          expr: `max by (deployment_environment_name, service_version, team) (process_start_time_seconds${all}) * 1000`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Requests',
      unit: 'reqps',
      queries: [{ expr: sum(by, rate(`${requests}_count`, all)), legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Failed requests',
      unit: 'percentunit',
      queries: [
        { expr: share(rate(`${requests}_count`, failed), rate(`${requests}_count`, all), by), legend },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration, $percentile',
      unit: 's',
      queries: [{ expr: quantile('$percentile', requests, all, by), legend, exemplars: true }],
    }),
  )
  .withPanel(
    series({
      title: 'Event loop delay, p99',
      unit: 's',
      queries: [{ expr: `max by (${by}) (nodejs_eventloop_lag_p99_seconds${all})`, legend }],
    }),
  )
  .withPanel(
    series({
      title: 'CPU per request',
      description: 'Comparable between environments, even if their traffic differs.',
      unit: 's',
      queries: [
        {
          expr: `sum by (${by}) (${rate('process_cpu_seconds_total', all)}) / (sum by (${by}) (${rate(`${requests}_count`, all)}) > 0)`,
          legend,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Memory per instance',
      unit: 'bytes',
      queries: [{ expr: `avg by (${by}) (process_resident_memory_bytes${all})`, legend }],
    }),
  )
  .withPanel(
    logSeries({
      title: 'Log lines by level',
      width: 24,
      queries: [
        {
          expr: `sum by (deployment_environment_name, severity_text) (count_over_time(${all}[$__auto]))`,
          legend: '{{deployment_environment_name}} {{severity_text}}',
        },
      ],
    }),
  );
