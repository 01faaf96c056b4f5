import { dashboard } from './dashboard.js';
import { figure, series, table } from './panels.js';
import { labelValues } from './variables.js';

const chosen = '{service_name=~"$service",slo=~"$slo"}';
const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
const by = 'slo, service_name';
/** The burn rate: how many times faster than allowed the budget burns. */
const burn = (window: string) =>
  `max by (${by}) (slo:sli_error:ratio_rate${window}${chosen}) / on (${by}) max by (${by}) (slo:error_budget:ratio${chosen})`;

/** The series that `throughline slo` records. */
export const objectives = dashboard({
  uid: 'throughline-slo',
  title: 'Objectives',
  description: 'SLOs from `throughline slo`: how much of the error budget is left, and how fast it burns.',
  sources: ['prometheus'],
  from: 'now-6h',
})
  .withVariable(labelValues('service', 'Service', { metric: 'slo:objective:ratio', label: 'service_name' }))
  .withVariable(
    labelValues('slo', 'Objective', {
      metric: 'slo:objective:ratio{service_name=~"$service"}',
      label: 'slo',
    }),
  )
  .withPanel(
    table({
      title: 'Objectives',
      width: 24,
      height: 7,
      labels: { service_name: 'Service', slo: 'Objective', team: 'Team' },
      columns: [
        { title: 'Target', unit: 'percentunit', expr: `max by (${by}, team) (slo:objective:ratio${chosen})` },
        {
          title: 'Budget left',
          unit: 'percentunit',
          expr: `max by (${by}, team) (slo:error_budget_remaining:ratio${chosen})`,
        },
        {
          title: 'Errors, last hour',
          unit: 'percentunit',
          expr: `max by (${by}, team) (slo:sli_error:ratio_rate1h${chosen})`,
        },
      ],
    }),
  )
  .withPanel(
    figure({
      title: 'Budget left',
      description: 'Below 0 the budget is overspent.',
      unit: 'percentunit',
      width: 12,
      thresholds: [0, 0.25],
      rising: true,
      expr: `max by (${by}) (slo:error_budget_remaining:ratio${chosen})`,
      legend: '{{service_name}} {{slo}}',
    }),
  )
  .withPanel(
    figure({
      title: 'Burn rate, last hour',
      description: 'At 1, the budget lasts exactly for its window. From 14.4 on, an alert pages.',
      width: 12,
      thresholds: [1, 14.4],
      expr: burn('1h'),
      legend: '{{service_name}} {{slo}}',
    }),
  )
  .withPanel(
    series({
      title: 'Burn rate by window',
      description:
        'An alert fires when both a long and a short window are above its factor: 14.4 (1h and 5m), 6 (6h and 30m), 3 (1d and 2h), 1 (3d and 6h).',
      width: 24,
      queries: windows.map((window) => ({
        expr: burn(window),
        legend: `${window} {{service_name}} {{slo}}`,
      })),
    }),
  )
  .withPanel(
    series({
      title: 'Budget left over time',
      unit: 'percentunit',
      queries: [
        {
          expr: `max by (${by}) (slo:error_budget_remaining:ratio${chosen})`,
          legend: '{{service_name}} {{slo}}',
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Firing alerts',
      queries: [
        {
          expr: `count by (severity, ${by}) (ALERTS{alertname="SloErrorBudgetBurn",alertstate="firing",service_name=~"$service",slo=~"$slo"})`,
          legend: '{{severity}} {{service_name}} {{slo}}',
        },
      ],
    }),
  );
