import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series, table } from './panels.js';
import { ofServices, quantile } from './selectors.js';
import { environment, labelValues, percentile, service } from './variables.js';

const job = 'job_name=~"$job"';
const all = ofServices(job);
const byJob = ['service_name', 'job_name'];
const legend = '{{service_name}} {{job_name}}';
const by = `max by (${byJob.join(', ')})`;
const overTime = (metric: string) => `max_over_time(${metric}${all}[15d])`;

/** Jobs: cron tasks, batches and handlers that are observed with `observeJob`. */
export const jobs = dashboard({
  uid: 'throughline-jobs',
  title: 'Jobs',
  description: 'Jobs of the services: when each last succeeded, how long its runs take, and how they end.',
  sources: ['prometheus'],
  from: 'now-24h',
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(
    labelValues('job', 'Job', { metric: `job_duration_seconds_count${ofServices()}`, label: 'job_name' }),
  )
  .withVariable(percentile())
  .withPanel(
    table({
      title: 'Last success',
      description: 'Processes that have ended within the last 15 days are included.',
      width: 24,
      labels: { service_name: 'Service', job_name: 'Job' },
      columns: [
        {
          title: 'Since the last success',
          unit: 's',
          expr: `time() - ${by} (${overTime('job_last_success_timestamp_seconds')})`,
        },
        {
          title: 'Expected interval',
          unit: 's',
          expr: `${by} (${overTime('job_expected_interval_seconds')})`,
        },
        { title: 'Running now', expr: `sum by (${byJob.join(', ')}) (job_active_runs${all})` },
      ],
    }),
  )
  .withRow(new RowBuilder('Runs'))
  .withPanel(
    series({
      title: 'Runs by outcome',
      queries: [
        {
          expr: `sum by (${byJob.join(', ')}, job_outcome) (increase(job_duration_seconds_count${all}[$__rate_interval]))`,
          legend: `${legend} {{job_outcome}}`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failed runs by type of error',
      queries: [
        {
          expr: `sum by (${byJob.join(', ')}, error_type) (increase(job_duration_seconds_count${ofServices(job, 'job_outcome!="success"')}[$__rate_interval]))`,
          legend: `${legend} {{error_type}}`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Duration of a run, $percentile',
      unit: 's',
      queries: [
        { expr: quantile('$percentile', 'job_duration_seconds', all, byJob), legend, exemplars: true },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Runs that overlap with another run of the job',
      description: 'They started in the same process while another run was in progress.',
      queries: [
        {
          expr: `sum by (${byJob.join(', ')}) (increase(job_overlapping_runs_total${all}[$__rate_interval]))`,
          legend,
        },
      ],
    }),
  );
