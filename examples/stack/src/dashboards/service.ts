import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { figure, lines, linkTo, series, traces } from './panels.js';
import { failedRequests, ofInstances, ofServices, ofSpans, quantile, rate, share, sum } from './selectors.js';
import { environment, instance, percentile, service } from './variables.js';

const requests = 'http_server_request_duration_seconds';
const calls = 'http_client_request_duration_seconds';
const rpcServer = 'rpc_server_call_duration_seconds';
const rpcClient = 'rpc_client_call_duration_seconds';
const all = ofInstances();
const failed = ofInstances(failedRequests);

/** Rate, errors and duration per route; calls to other services; saturation. */
export const serviceOverview = dashboard({
  uid: 'throughline-service',
  title: 'Service overview',
  description:
    'One service: rate, errors and duration of each route, saturation, its errors, and their traces.',
  sources: ['prometheus', 'loki', 'tempo'],
})
  .withVariable(environment())
  .withVariable(service({ single: true }))
  .withVariable(instance())
  .withVariable(percentile())
  .withPanel(figure({ title: 'Requests', unit: 'reqps', expr: sum([], rate(`${requests}_count`, all)) }))
  .withPanel(
    figure({
      title: 'Failed requests',
      unit: 'percentunit',
      thresholds: [0.01, 0.05],
      expr: share(rate(`${requests}_count`, failed), rate(`${requests}_count`, all)),
    }),
  )
  .withPanel(
    figure({ title: 'Duration, $percentile', unit: 's', expr: quantile('$percentile', requests, all) }),
  )
  .withPanel(figure({ title: 'In progress', expr: sum([], `http_server_active_requests${all}`) }))
  .withPanel(
    figure({
      title: 'Event loop delay, p99',
      unit: 's',
      thresholds: [0.05, 0.2],
      expr: `max(nodejs_eventloop_lag_p99_seconds${all})`,
    }),
  )
  .withPanel(figure({ title: 'Instances', expr: `count(throughline_info${all})` }))
  .withRow(new RowBuilder('Requests'))
  .withPanel(
    series({
      title: 'Requests by route',
      unit: 'reqps',
      stacked: true,
      queries: [
        {
          expr: sum(['http_request_method', 'http_route'], rate(`${requests}_count`, all)),
          legend: '{{http_request_method}} {{http_route}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failed requests by route',
      description: 'Responses with 5xx, and aborted requests.',
      unit: 'percentunit',
      links: [linkTo('Log lines', 'throughline-logs')],
      queries: [
        {
          expr: share(rate(`${requests}_count`, failed), rate(`${requests}_count`, all), [
            'http_request_method',
            'http_route',
          ]),
          legend: '{{http_request_method}} {{http_route}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration by route, $percentile',
      description: 'Each dot is a request and links to its trace.',
      unit: 's',
      queries: [
        {
          expr: quantile('$percentile', requests, all, ['http_request_method', 'http_route']),
          legend: '{{http_request_method}} {{http_route}}',
          exemplars: true,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration',
      unit: 's',
      queries: [0.5, 0.9, 0.99].map((part) => ({
        expr: quantile(part, requests, all),
        legend: `p${part * 100}`,
        exemplars: part === 0.99,
      })),
    }),
  )
  .withRow(new RowBuilder('Errors'))
  .withPanel(
    series({
      title: 'Errors by type',
      unit: 'reqps',
      stacked: true,
      queries: [
        {
          expr: sum(
            ['error_type', 'http_response_status_code'],
            rate(`${requests}_count`, ofInstances('error_type!=""')),
          ),
          legend: '{{http_response_status_code}} {{error_type}}',
        },
      ],
    }),
  )
  .withPanel(
    traces({
      title: 'Traces with an error',
      description: 'A row opens the trace. The trace links to the log lines.',
      query: ofSpans('status = error'),
    }),
  )
  .withPanel(
    traces({ title: 'Slow requests', query: ofSpans('kind = server', 'duration > 500ms'), width: 24 }),
  )
  .withPanel(
    lines({
      title: 'Errors in the log',
      expr: `${ofServices('severity_text=~"(?i)error|fatal|crit|alert|emerg"')}`,
    }),
  )
  .withRow(new RowBuilder('What it calls'))
  .withPanel(
    series({
      title: 'Calls by server',
      unit: 'reqps',
      width: 8,
      queries: [
        {
          expr: sum(['server_address', 'server_port'], rate(`${calls}_count`, all)),
          legend: '{{server_address}}:{{server_port}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failed calls by server',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: share(rate(`${calls}_count`, ofInstances('error_type!=""')), rate(`${calls}_count`, all), [
            'server_address',
            'server_port',
          ]),
          legend: '{{server_address}}:{{server_port}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of calls, $percentile',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: quantile('$percentile', calls, all, ['server_address', 'server_port']),
          legend: '{{server_address}}:{{server_port}}',
          exemplars: true,
        },
      ],
    }),
  )
  .withRow(new RowBuilder('gRPC and GraphQL'))
  .withPanel(
    series({
      title: 'Calls answered, by method and status',
      unit: 'reqps',
      width: 8,
      queries: [
        {
          expr: sum(['rpc_method', 'rpc_response_status_code'], rate(`${rpcServer}_count`, all)),
          legend: '{{rpc_method}} {{rpc_response_status_code}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of calls by method, $percentile',
      description: 'Calls that the service has answered, and calls of gRPC and the AWS SDK that it has made.',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: quantile('$percentile', rpcServer, all, ['rpc_method']),
          legend: '{{rpc_method}}',
          exemplars: true,
        },
        {
          expr: quantile('$percentile', rpcClient, all, ['rpc_method', 'server_address']),
          legend: '→ {{server_address}} {{rpc_method}}',
          exemplars: true,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of GraphQL operations, $percentile',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: quantile('$percentile', 'graphql_operation_duration_seconds', all, [
            'graphql_operation_type',
            'graphql_operation_name',
          ]),
          legend: '{{graphql_operation_type}} {{graphql_operation_name}}',
          exemplars: true,
        },
      ],
    }),
  )
  .withRow(new RowBuilder('Saturation'))
  .withPanel(
    series({
      title: 'CPU',
      description: 'Cores in use.',
      width: 8,
      queries: [
        { expr: `sum by (instance) (${rate('process_cpu_seconds_total', all)})`, legend: '{{instance}}' },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Memory',
      unit: 'bytes',
      width: 8,
      queries: [{ expr: `sum by (instance) (process_resident_memory_bytes${all})`, legend: '{{instance}}' }],
    }),
  )
  .withPanel(
    series({
      title: 'Requests in progress',
      width: 8,
      queries: [{ expr: sum(['instance'], `http_server_active_requests${all}`), legend: '{{instance}}' }],
    }),
  );
