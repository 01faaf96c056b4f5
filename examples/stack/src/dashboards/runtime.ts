import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series, table } from './panels.js';
import { ofInstances, rate } from './selectors.js';
import { environment, instance, service } from './variables.js';

const all = ofInstances();
const legend = '{{service_name}} {{instance}}';
const by = 'service_name, instance';

/** The Node processes from the inside. */
export const runtime = dashboard({
  uid: 'throughline-node',
  title: 'Node runtime',
  description: 'Event loop, heap, garbage collection and handles of the Node processes.',
  sources: ['prometheus'],
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(instance())
  .withRow(new RowBuilder('Event loop'))
  .withPanel(
    series({
      title: 'Event loop delay, p99',
      description: 'For this long, nothing else runs in the process.',
      unit: 's',
      queries: [{ expr: `max by (${by}) (nodejs_eventloop_lag_p99_seconds${all})`, legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Event loop delay, median and mean',
      unit: 's',
      queries: [
        { expr: `max by (${by}) (nodejs_eventloop_lag_p50_seconds${all})`, legend: `p50 ${legend}` },
        { expr: `max by (${by}) (nodejs_eventloop_lag_mean_seconds${all})`, legend: `mean ${legend}` },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'CPU',
      description: 'Cores in use.',
      width: 24,
      queries: [{ expr: `sum by (${by}) (${rate('process_cpu_seconds_total', all)})`, legend }],
    }),
  )
  .withRow(new RowBuilder('Memory'))
  .withPanel(
    series({
      title: 'Heap',
      unit: 'bytes',
      queries: [
        { expr: `sum by (${by}) (nodejs_heap_size_used_bytes${all})`, legend: `used ${legend}` },
        { expr: `sum by (${by}) (nodejs_heap_size_total_bytes${all})`, legend: `total ${legend}` },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Memory of the process',
      unit: 'bytes',
      queries: [
        { expr: `sum by (${by}) (process_resident_memory_bytes${all})`, legend: `resident ${legend}` },
        { expr: `sum by (${by}) (nodejs_external_memory_bytes${all})`, legend: `external ${legend}` },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Heap by space',
      unit: 'bytes',
      width: 24,
      stacked: true,
      queries: [{ expr: `sum by (space) (nodejs_heap_space_size_used_bytes${all})`, legend: '{{space}}' }],
    }),
  )
  .withRow(new RowBuilder('Garbage collection'))
  .withPanel(
    series({
      title: 'Time in garbage collection',
      description: 'Share of time, by kind of collection.',
      unit: 'percentunit',
      queries: [
        {
          expr: `sum by (service_name, kind) (${rate('nodejs_gc_duration_seconds_sum', all)})`,
          legend: '{{service_name}} {{kind}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Collections',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (service_name, kind) (${rate('nodejs_gc_duration_seconds_count', all)})`,
          legend: '{{service_name}} {{kind}}',
        },
      ],
    }),
  )
  .withRow(new RowBuilder('Handles and restarts'))
  .withPanel(
    series({
      title: 'Active resources',
      width: 8,
      queries: [{ expr: `sum by (${by}) (nodejs_active_resources_total${all})`, legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Open files, share of the limit',
      unit: 'percentunit',
      width: 8,
      queries: [{ expr: `max by (${by}) (process_open_fds${all} / process_max_fds${all})`, legend }],
    }),
  )
  .withPanel(
    series({
      title: 'Restarts',
      width: 8,
      queries: [
        {
          expr: `sum by (service_name) (changes(process_start_time_seconds${all}[$__rate_interval]))`,
          legend: '{{service_name}}',
        },
      ],
    }),
  )
  .withPanel(
    table({
      title: 'Node versions',
      width: 24,
      height: 6,
      labels: { service_name: 'Service', deployment_environment_name: 'Environment', version: 'Node' },
      columns: [
        {
          title: 'Instances',
          expr: `count by (service_name, deployment_environment_name, version) (nodejs_version_info${all})`,
        },
      ],
    }),
  );
