import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series, table } from './panels.js';
import { ofServices, quantile, rate, share, sum } from './selectors.js';
import { environment, labelValues, percentile, service } from './variables.js';

const operations = 'db_client_operation_duration_seconds';
const system = 'db_system_name=~"$system"';
const all = ofServices(system);
const failed = ofServices(system, 'error_type!=""');
const byOperation = ['db_system_name', 'db_operation_name', 'db_collection_name'];
const legend = '{{db_system_name}} {{db_operation_name}} {{db_collection_name}}';
const byPool = ['service_name', 'db_client_connection_pool_name'];
const poolLegend = '{{service_name}} {{db_client_connection_pool_name}}';

/** Databases and caches, as the services see them. */
export const databases = dashboard({
  uid: 'throughline-databases',
  title: 'Databases',
  description: 'Operations of databases and caches as the services see them, and their connection pools.',
  sources: ['prometheus'],
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(
    labelValues('system', 'System', {
      metric: `${operations}_count${ofServices()}`,
      label: 'db_system_name',
    }),
  )
  .withVariable(percentile())
  .withRow(new RowBuilder('Operations'))
  .withPanel(
    series({
      title: 'Operations',
      unit: 'ops',
      queries: [{ expr: sum(byOperation, rate(`${operations}_count`, all)), legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Duration, $percentile',
      description: 'Each dot is an operation and links to its trace.',
      unit: 's',
      queries: [{ expr: quantile('$percentile', operations, all, byOperation), legend, exemplars: true }],
    }),
  )
  .withPanel(
    series({
      title: 'Failed operations',
      unit: 'percentunit',
      queries: [
        {
          expr: share(rate(`${operations}_count`, failed), rate(`${operations}_count`, all), byOperation),
          legend,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failures by type',
      unit: 'ops',
      stacked: true,
      queries: [
        {
          expr: sum(['db_system_name', 'error_type'], rate(`${operations}_count`, failed)),
          legend: '{{db_system_name}} {{error_type}}',
        },
      ],
    }),
  )
  .withPanel(
    table({
      title: 'Where the time goes',
      description: 'Seconds spent waiting per second, over the selected time range.',
      width: 24,
      labels: {
        service_name: 'Service',
        db_system_name: 'System',
        db_namespace: 'Database',
        db_collection_name: 'Table',
        db_operation_name: 'Operation',
      },
      columns: ['sum', 'count'].map((suffix) => ({
        title: suffix === 'sum' ? 'Waiting' : 'Operations',
        unit: suffix === 'sum' ? 's' : 'ops',
        expr: `sum by (service_name, db_namespace, ${byOperation.join(', ')}) (rate(${operations}_${suffix}${all}[$__range]))`,
      })),
    }),
  )
  .withRow(new RowBuilder('Connection pools'))
  .withPanel(
    series({
      title: 'Connections',
      width: 8,
      stacked: true,
      queries: [
        {
          expr: sum([...byPool, 'db_client_connection_state'], `db_client_connection_count${all}`),
          legend: `${poolLegend} {{db_client_connection_state}}`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Callers waiting for a connection',
      width: 8,
      queries: [{ expr: sum(byPool, `db_client_connection_pending_requests${all}`), legend: poolLegend }],
    }),
  )
  .withPanel(
    series({
      title: 'Wait for a connection, $percentile',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: quantile('$percentile', 'db_client_connection_wait_time_seconds', all, byPool),
          legend: poolLegend,
        },
      ],
    }),
  );
