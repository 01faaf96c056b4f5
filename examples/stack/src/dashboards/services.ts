import { dashboard } from './dashboard.js';
import { figure, series, serviceGraph, table } from './panels.js';
import { environment, team } from './variables.js';

const chosen = '{deployment_environment_name=~"$environment",team=~"$team"}';
const identity = ['service_name', 'service_namespace', 'deployment_environment_name', 'team'] as const;
const by = `sum by (${identity.join(', ')})`;

/** All services at a glance, with links to each. */
export const services = dashboard({
  uid: 'throughline-services',
  title: 'Services',
  description: 'All services with Throughline: traffic, errors, duration, who calls whom.',
  sources: ['prometheus', 'tempo'],
})
  .withVariable(environment())
  .withVariable(team())
  .withPanel(
    figure({
      title: 'Services',
      expr: `count(group by (service_name, deployment_environment_name) (throughline_info${chosen}))`,
    }),
  )
  .withPanel(figure({ title: 'Instances', expr: `count(throughline_info${chosen})` }))
  .withPanel(
    figure({
      title: 'Requests',
      unit: 'reqps',
      width: 5,
      expr: `sum(service:http_server_requests:rate5m${chosen})`,
    }),
  )
  .withPanel(
    figure({
      title: 'Failed requests',
      unit: 'percentunit',
      width: 5,
      thresholds: [0.01, 0.05],
      expr: `sum(service:http_server_request_errors:rate5m${chosen}) / (sum(service:http_server_requests:rate5m${chosen}) > 0)`,
    }),
  )
  .withPanel(
    figure({
      title: 'Firing alerts',
      width: 6,
      thresholds: [1, 3],
      expr: `count(ALERTS{alertstate="firing"}) or vector(0)`,
    }),
  )
  .withPanel(
    table({
      title: 'Services',
      description: 'The last five minutes. A name links to the service.',
      width: 24,
      height: 9,
      labels: {
        service_name: 'Service',
        service_namespace: 'Namespace',
        deployment_environment_name: 'Environment',
        team: 'Team',
      },
      columns: [
        { title: 'Requests', unit: 'reqps', expr: `${by} (service:http_server_requests:rate5m${chosen})` },
        {
          title: 'Failed',
          unit: 'percentunit',
          expr: `${by} (service:http_server_request_errors:ratio_rate5m${chosen})`,
        },
        {
          title: 'p95',
          unit: 's',
          expr: `max by (${identity.join(', ')}) (service:http_server_request_duration_seconds:p95_rate5m${chosen})`,
        },
        { title: 'Instances', expr: `count by (${identity.join(', ')}) (throughline_info${chosen})` },
      ],
      link: {
        column: 'Service',
        title: 'Open the service',
        url: `/d/throughline-service?var-service=\${__value.raw}&var-environment=\${__data.fields.Environment}&\${__url_time_range}`,
      },
    }),
  )
  .withPanel(
    series({
      title: 'Requests by service',
      unit: 'reqps',
      stacked: true,
      queries: [
        {
          expr: `sum by (service_name) (service:http_server_requests:rate5m${chosen})`,
          legend: '{{service_name}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failed requests by service',
      unit: 'percentunit',
      queries: [
        {
          expr: `max by (service_name, deployment_environment_name) (service:http_server_request_errors:ratio_rate5m${chosen})`,
          legend: '{{service_name}} {{deployment_environment_name}}',
        },
      ],
    }),
  )
  .withPanel(serviceGraph({ title: 'Who calls whom', filter: '{}' }));
