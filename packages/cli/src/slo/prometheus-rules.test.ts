import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promtool } from '@throughline/testbed/promtool';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { expect, test } from 'vitest';
import { type SloOfService, sloRules } from './prometheus-rules.js';
import { ruleFile } from './rule-file.js';
import { checkSlo } from './slo.js';

const availability: SloOfService = {
  name: 'checkout-availability',
  service: 'orders',
  team: 'checkout',
  objective: 0.999,
  window: '30d',
  sli: { kind: 'availability', of: { http: { route: '/orders/:id', method: 'GET' } } },
  description: 'Customers see their orders: "quotes", \\ and ünicode.',
  runbook: 'https://wiki.example.com/orders?a=1#b',
};
const latency: SloOfService = {
  name: 'checkout-latency',
  service: 'orders',
  objective: 0.99,
  window: '28d',
  sli: { kind: 'latency', thresholdSeconds: 1, of: { http: {} } },
};
const processing: SloOfService = {
  name: 'processing',
  service: 'orders',
  objective: 0.95,
  window: '7d',
  sli: { kind: 'availability', of: { messaging: { destination: 'orders "1"', consumerGroup: 'billing' } } },
};
const queries: SloOfService = {
  name: 'queries',
  service: 'orders',
  objective: 0.999,
  window: '90d',
  sli: { kind: 'latency', thresholdSeconds: 0.05, of: { database: { system: 'postgresql' } } },
};
const all = [availability, latency, processing, queries];

test('the service, the route and the method choose the series', () => {
  const [sli] = sloRules(checkSlo(availability) as SloOfService).groups;
  expect(sli?.rules[0]).toEqual({
    record: 'slo:sli_error:ratio_rate5m',
    expr: [
      '(sum(rate(http_server_request_duration_seconds_count{service_name="orders",http_route="/orders/:id",http_request_method="GET",http_response_status_code=~"5.."}[5m])) or vector(0))',
      '/',
      '(sum(rate(http_server_request_duration_seconds_count{service_name="orders",http_route="/orders/:id",http_request_method="GET"}[5m])) > 0)',
    ].join('\n'),
    labels: { slo: 'checkout-availability', service_name: 'orders', team: 'checkout' },
  });
});

test('the pairs of windows and burn rates are those of the workbook', () => {
  const alerts = sloRules(availability).groups.at(-1)?.rules ?? [];
  expect(alerts.map(({ labels }) => [labels.severity, labels.long_window, labels.short_window])).toEqual([
    ['page', '1h', '5m'],
    ['page', '6h', '30m'],
    ['ticket', '1d', '2h'],
    ['ticket', '3d', '6h'],
  ]);
  expect(alerts.map(({ expr }) => /> \((.*?)\)/.exec(expr)?.[1])).toEqual([
    '14.4 * 0.001',
    '6 * 0.001',
    '3 * 0.001',
    '1 * 0.001',
  ]);
});

test('an alert that could never fire is left out, and said', () => {
  const { groups, notes } = sloRules({ ...availability, objective: 0.9 });
  expect(groups.at(-1)?.rules).toHaveLength(3);
  expect(notes).toEqual([
    "SLO 'checkout-availability': an objective of 0.9 cannot burn 14.4 times too fast; the alert for that is left out.",
  ]);
});

const tool = promtool();
const folder = temporaryFolder();

/** Runs promtool on the rules, and on a unit test of them where one is given. */
function run(slos: readonly SloOfService[], unitTests?: readonly object[]): string {
  const home = mkdtempSync(join(folder, 'rules-'));
  const rules = join(home, 'rules.yaml');
  writeFileSync(rules, ruleFile(slos.flatMap((slo) => sloRules(slo).groups)));
  const args = ['check', 'rules', '--lint=all', '--lint-fatal', rules];
  if (unitTests) {
    const file = join(home, 'tests.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests: unitTests }));
    args.splice(0, args.length, 'test', 'rules', file);
  }
  try {
    return execFileSync(tool ?? '', args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}\n${stderr}`, { cause: error });
  }
}

/** Requests per minute to one route, as `start+stepxcount` of promtool. */
const requests = (status: string, values: string) => ({
  series: `http_server_request_duration_seconds_count{service_name="orders",http_route="/orders/:id",http_request_method="GET",http_response_status_code="${status}"}`,
  values,
});
/** Which alerts fire at a time. */
const firing = (time: string, ...expected: string[]) => ({
  expr: 'count by (severity, long_window) (ALERTS{alertname="SloErrorBudgetBurn",alertstate="firing"})',
  eval_time: time,
  exp_samples: expected.map((labels) => ({ labels: `{${labels}}`, value: 1 })),
});
const page1h = 'severity="page", long_window="1h"';
const page6h = 'severity="page", long_window="6h"';
const ticket1d = 'severity="ticket", long_window="1d"';
const ticket3d = 'severity="ticket", long_window="3d"';

test.skipIf(!tool)('promtool check rules finds nothing to complain about', () => {
  expect(run(all)).toMatch(/SUCCESS: \d+ rules found/);
});

test.skipIf(!tool)(
  'promtool test rules: what fires when',
  () => {
    const failing = (ok: number, bad: number, minutes: number) => [
      requests('200', `0+${ok}x${minutes}`),
      requests('500', `0+${bad}x${minutes}`),
    ];
    run(
      [availability],
      [
        {
          name: 'two in a hundred fail, twenty times the budget: all fire, and the page names what to do',
          interval: '1m',
          input_series: failing(980, 20, 70),
          promql_expr_test: [
            firing('65m', page1h, page6h, ticket1d, ticket3d),
            {
              expr: 'round(slo:sli_error:ratio_rate1h, 0.001)',
              eval_time: '65m',
              exp_samples: [
                {
                  labels: '{service_name="orders", slo="checkout-availability", team="checkout"}',
                  value: 0.02,
                },
              ],
            },
            {
              expr: 'round(slo:error_budget_remaining:ratio)',
              eval_time: '65m',
              exp_samples: [
                {
                  labels: '{service_name="orders", slo="checkout-availability", team="checkout"}',
                  value: -19,
                },
              ],
            },
          ],
        },
        {
          name: 'five in a thousand, five times the budget: a ticket, and nobody is woken',
          interval: '1m',
          input_series: failing(995, 5, 200),
          promql_expr_test: [firing('190m', ticket1d, ticket3d)],
        },
        {
          name: 'half a budget: nothing',
          interval: '1m',
          input_series: failing(9995, 5, 200),
          promql_expr_test: [firing('190m')],
        },
        {
          name: 'the page ends soon after the trouble, though its long window still remembers',
          interval: '1m',
          input_series: [requests('200', '0+900x100'), requests('500', '0+100x30 3000+0x70')],
          promql_expr_test: [
            firing('30m', page1h, page6h, ticket1d, ticket3d),
            firing('40m', page6h, ticket1d, ticket3d),
          ],
        },
        {
          name: 'no failure at all is a ratio of zero, not a missing one',
          interval: '1m',
          input_series: [requests('200', '0+10x70')],
          promql_expr_test: [
            firing('65m'),
            {
              expr: 'sum(slo:sli_error:ratio_rate5m)',
              eval_time: '65m',
              exp_samples: [{ labels: '{}', value: 0 }],
            },
          ],
        },
        {
          name: 'no traffic, and traffic elsewhere, are no alert',
          interval: '1m',
          input_series: [
            requests('200', '5x70'),
            {
              series:
                'http_server_request_duration_seconds_count{service_name="other",http_route="/orders/:id",http_request_method="GET",http_response_status_code="500"}',
              values: '0+10x70',
            },
          ],
          promql_expr_test: [
            firing('65m'),
            { expr: 'slo:sli_error:ratio_rate5m', eval_time: '65m', exp_samples: [] },
          ],
        },
        {
          name: 'the labels and annotations of an alert',
          interval: '1m',
          input_series: failing(0, 10, 70),
          alert_rule_test: [
            {
              eval_time: '65m',
              alertname: 'SloErrorBudgetBurn',
              exp_alerts: [
                ['page', 14.4, '1h', '5m', '50 hours'],
                ['page', 6, '6h', '30m', '5 days'],
                ['ticket', 3, '1d', '2h', '10 days'],
                ['ticket', 1, '3d', '6h', '30 days'],
              ].map(([severity, factor, long, short, gone]) => ({
                exp_labels: {
                  severity,
                  slo: 'checkout-availability',
                  service_name: 'orders',
                  team: 'checkout',
                  long_window: long,
                  short_window: short,
                },
                exp_annotations: {
                  summary: `orders burns the error budget of checkout-availability ${factor} times too fast`,
                  description: `${availability.description} 100% of the last ${long} was not good; the objective is 99.9% over 30d. At ${factor} times the sustainable rate the whole budget is gone in ${gone}.`,
                  runbook_url: availability.runbook,
                },
              })),
            },
          ],
        },
      ],
    );
  },
  60_000,
);

test.skipIf(!tool)(
  'promtool test rules: latency, on whole bounds in both spellings, and without what failed',
  () => {
    const series = (suffix: string, labels: string, values: string) => ({
      series: `http_server_request_duration_seconds_${suffix}{service_name="orders",${labels}}`,
      values,
    });
    const ratio = (value: number) => ({
      expr: 'sum(slo:sli_error:ratio_rate5m)',
      eval_time: '30m',
      exp_samples: [{ labels: '{}', value }],
    });
    for (const bound of ['1', '1.0']) {
      run(
        [latency],
        [
          {
            interval: '1m',
            input_series: [
              series('bucket', `http_response_status_code="200",le="${bound}"`, '0+75x40'),
              series('bucket', 'http_response_status_code="200",le="10"', '0+100x40'),
              series('count', 'http_response_status_code="200"', '0+100x40'),
              series('bucket', `http_response_status_code="500",le="${bound}"`, '0+1000x40'),
              series('count', 'http_response_status_code="500"', '0+1000x40'),
            ],
            promql_expr_test: [ratio(0.25), firing('30m', page1h, page6h, ticket1d, ticket3d)],
          },
        ],
      );
    }
  },
  60_000,
);

test.skipIf(!tool)(
  'promtool test rules: messages and database operations',
  () => {
    run(
      [processing, queries],
      [
        {
          interval: '1m',
          input_series: [
            [
              'messaging_process_duration_seconds_count',
              'messaging_destination_name="orders \\"1\\"",messaging_consumer_group_name="billing"',
              9,
            ],
            [
              'messaging_process_duration_seconds_count',
              'messaging_destination_name="orders \\"1\\"",messaging_consumer_group_name="billing",error_type="TypeError"',
              1,
            ],
            [
              'messaging_process_duration_seconds_count',
              'messaging_destination_name="other",error_type="TypeError"',
              100,
            ],
            ['db_client_operation_duration_seconds_bucket', 'db_system_name="postgresql",le="0.05"', 60],
            ['db_client_operation_duration_seconds_count', 'db_system_name="postgresql"', 80],
            ['db_client_operation_duration_seconds_count', 'db_system_name="redis"', 900],
          ].map(([name, labels, step]) => ({
            series: `${name}{service_name="orders",${labels}}`,
            values: `0+${step}x40`,
          })),
          promql_expr_test: [
            {
              expr: 'round(sum by (slo) (slo:sli_error:ratio_rate5m), 0.001)',
              eval_time: '30m',
              exp_samples: [
                { labels: '{slo="processing"}', value: 0.1 },
                { labels: '{slo="queries"}', value: 0.25 },
              ],
            },
          ],
        },
      ],
    );
  },
  60_000,
);
