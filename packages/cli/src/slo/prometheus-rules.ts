import { type Slo, type SloSubject, subjectMetrics } from './slo.js';

/** A group of a Prometheus rule file: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

export type Rule =
  | { readonly record: string; readonly expr: string; readonly labels: Readonly<Record<string, string>> }
  | {
      readonly alert: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };

/** An SLO whose service is known. */
export type SloOfService = Slo & { readonly service: string };

/**
 * When to alert: the error budget burns this many times faster than it may, over a long window (it matters) and a
 * short one (it still happens). The Site Reliability Workbook, chapter 5, table 5-8:
 * https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
const burnRates = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h' },
] as const;

const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

export interface SloRules {
  readonly groups: readonly RuleGroup[];
  /** Alerts that could never fire, and were left out. */
  readonly notes: readonly string[];
}

/**
 * Recording rules and burn-rate alerts of one SLO:
 * - `slo:sli_error:ratio_rate<window>`: share of the work that was not good, over each window
 * - `slo:objective:ratio`, `slo:error_budget:ratio`, `slo:error_budget_remaining:ratio`
 * - alert `SloErrorBudgetBurn`, with a label `severity` of `page` or `ticket`
 */
export function sloRules(slo: SloOfService): SloRules {
  const labels = {
    slo: slo.name,
    service_name: slo.service,
    ...(slo.team === undefined ? {} : { team: slo.team }),
  };
  const sloMatchers = matchers({ slo: slo.name, service_name: slo.service });
  const budget = rounded(1 - slo.objective);
  const notes: string[] = [];
  const alerts = burnRates.flatMap(({ severity, factor, long, short }): Rule[] => {
    // All of the work cannot fail more than once.
    if (factor * budget >= 1) {
      notes.push(
        `SLO '${slo.name}': an objective of ${slo.objective} cannot burn ${factor} times too fast; the alert for that is left out.`,
      );
      return [];
    }
    const ratio = (window: string) => `slo:sli_error:ratio_rate${window}${sloMatchers}`;
    return [
      {
        alert: 'SloErrorBudgetBurn',
        expr: `${ratio(long)} > (${factor} * ${budget})\nand\n${ratio(short)} > (${factor} * ${budget})`,
        labels: { ...labels, severity, long_window: long, short_window: short },
        annotations: {
          summary: `${slo.service} burns the error budget of ${slo.name} ${factor} times too fast`,
          description:
            `${slo.description === undefined ? '' : `${slo.description} `}` +
            `{{ $value | humanizePercentage }} of the last ${long} was not good; the objective is ${percent(slo.objective)} over ${slo.window}. ` +
            `At ${factor} times the sustainable rate the whole budget is gone in ${timeToExhaustion(slo.window, factor)}.`,
          ...(slo.runbook === undefined ? {} : { runbook_url: slo.runbook }),
        },
      },
    ];
  });
  const prefix = `slo:${slo.service}:${slo.name}`;
  const record = (name: string, expr: string): Rule => ({ record: name, expr, labels });
  const isError = (window: string) => record(`slo:sli_error:ratio_rate${window}`, errorRatio(slo, window));
  return {
    notes,
    groups: [
      { name: `${prefix}:sli`, rules: windows.map(isError) },
      {
        name: `${prefix}:budget`,
        // A look at the whole window is dear, and changes slowly.
        interval: '5m',
        rules: [
          isError(slo.window),
          record('slo:objective:ratio', `vector(${slo.objective})`),
          record('slo:error_budget:ratio', `vector(${budget})`),
          record(
            'slo:error_budget_remaining:ratio',
            `1 - slo:sli_error:ratio_rate${slo.window}${sloMatchers} / ${budget}`,
          ),
        ],
      },
      { name: `${prefix}:alerts`, rules: alerts },
    ],
  };
}

/** Without any requests in the window there is no ratio, and so no alert. */
function errorRatio({ sli, service }: SloOfService, window: string): string {
  const { metric, chosen } = subjectOf(sli.of);
  const base = { service_name: service, ...chosen };
  const rate = (suffix: string, ...further: string[]) =>
    `sum(rate(${metric.histogram}_${suffix}${matchers(base, ...further)}[${window}]))`;
  if (sli.kind === 'availability') {
    // Without an error there is no series of errors either.
    return `(${rate('count', metric.failed)} or vector(0))\n/\n(${rate('count')} > 0)`;
  }
  const { succeeded } = metric;
  return `1 - (\n  ${rate('bucket', succeeded, bucketMatcher(sli.thresholdSeconds))}\n  /\n  (${rate('count', succeeded)} > 0)\n)`;
}

function subjectOf(of: SloSubject) {
  const [name = '', parts = {}] = Object.entries(of)[0] ?? [];
  const metric = subjectMetrics[name];
  if (!metric) throw new Error(`no subject '${name}'`);
  const chosen: Record<string, string> = {};
  for (const [part, value] of Object.entries(parts as Record<string, string | undefined>)) {
    const label = metric.labels[part];
    if (label !== undefined && value !== undefined) chosen[label] = value;
  }
  return { metric, chosen };
}

/** A whole number is `1` in the text format, and `1.0` in OpenMetrics and in Prometheus 3. */
function bucketMatcher(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}\\\\.0"` : `le="${bound}"`;
}

function matchers(labels: Readonly<Record<string, string>>, ...further: string[]): string {
  // PromQL escapes strings as Go and JSON do: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
  const equal = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `{${[...equal, ...further].join(',')}}`;
}

/** Without the noise of binary fractions: `1 - 0.999` is `0.001`. */
function rounded(value: number): number {
  return Number(value.toPrecision(10));
}

function percent(ratio: number): string {
  return `${rounded(ratio * 100)}%`;
}

function timeToExhaustion(window: string, factor: number): string {
  const hours = (Number.parseInt(window, 10) * 24) / factor;
  return hours < 72 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
