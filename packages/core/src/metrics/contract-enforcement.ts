import type { BreachRecord } from '../contract/breach-record.js';
import { type DeclaredMetric, labelRule, metricCheck } from '../contract/breaches.js';
import type { Contract } from '../contract/contract.js';
import type { MetricContract } from '../instruments/instruments.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { overflowLabel } from '../instruments/series-limit.js';
import { SeriesSnapshot } from '../instruments/series-snapshot.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { withoutLabels } from './label-removal.js';
import { prometheusLabelName } from './prometheus-names.js';

/** Applies the contract to the metrics of this service. */
export interface ContractedMetrics extends MetricContract {
  /** Whether the contract has rules for labels. */
  readonly hasLabelRules: boolean;
  /** Checks an attribute of a metric of the OpenTelemetry API; false if it must be dropped. */
  takesAttribute(name: string): boolean;
  /** The metrics of a scrape, without the labels that are not allowed. */
  enforce(metrics: readonly MetricSnapshot[]): readonly MetricSnapshot[];
}

export function contractMetrics(contract: Contract | undefined, record: BreachRecord): ContractedMetrics {
  if (!contract) {
    return {
      drops: () => false,
      hasLabelRules: false,
      declared() {},
      takesAttribute: () => true,
      enforce: (metrics) => metrics,
    };
  }
  const ruleOf = labelRule(contract);
  const check = metricCheck(contract);
  const drops = (label: string) => ruleOf(label) !== undefined;
  const hasLabelRules =
    (contract.labels?.forbidden?.length ?? 0) > 0 || contract.labels?.allowed !== undefined;
  const declared = (metric: DeclaredMetric) => {
    for (const breach of check(metric)) record.found(breach);
  };
  return {
    drops,
    hasLabelRules,
    declared,
    takesAttribute(name) {
      const label = prometheusLabelName(name);
      const rule = ruleOf(label);
      if (rule === undefined) return true;
      const why = rule === 'label_forbidden' ? 'is forbidden' : 'is not an allowed label';
      record.found({
        rule,
        subject: label,
        message: `a metric of the OpenTelemetry API has the attribute '${name}', and label '${label}' ${why}`,
      });
      return false;
    },
    enforce: (metrics) =>
      metrics.map((metric) => {
        declared({ name: metric.name, type: metric.type, labelNames: labelNamesOf(metric) });
        return hasLabelRules ? withoutLabels(metric, drops) : metric;
      }),
  };
}

/** The metrics that registries hold, as they were declared. */
export function declaredMetrics(registries: Iterable<MetricRegistry>): DeclaredMetric[] {
  return [...new Set(registries)].flatMap((registry) =>
    (registry.getMetricsAsArray() as unknown as (DeclaredMetric & { labelNames?: string[] })[]).map(
      ({ name, type, labelNames = [] }) => ({
        name,
        type,
        labelNames: labelNames.filter((label) => label !== overflowLabel),
      }),
    ),
  );
}

function labelNamesOf(metric: MetricSnapshot): Set<string> {
  const names = new Set<string>();
  if (metric instanceof SeriesSnapshot) {
    for (const { labels } of metric.series) for (const name of Object.keys(labels)) names.add(name);
    return names;
  }
  const { values } = metric;
  let shared: MetricSnapshot['values'][number]['sharedLabels'];
  for (const sample of values) {
    for (const name of Object.keys(sample.labels ?? {})) names.add(name);
    if (sample.sharedLabels === shared) continue;
    shared = sample.sharedLabels;
    for (const name of Object.keys(shared ?? {})) names.add(name);
  }
  return names;
}
