import type { Contract } from '@throughline/core/internal';
import {
  type Breach,
  type ContractRule,
  contractRules,
  identityBreaches,
  metricCheck,
} from '@throughline/core/internal';
import type { ExposedMetric } from '../metrics/parse-exposition.js';

/** All breaches of a contract in a scrape: the identity on each series, and the labels and name of each metric. */
export function expositionBreaches(contract: Contract, metrics: readonly ExposedMetric[]): Breach[] {
  return [...identityOfSeries(contract, metrics), ...metrics.flatMap(breachesOfMetric(contract))];
}

/**
 * The breaches that the service has counted, by rule. Some of them cannot be seen in its metrics: labels that it has
 * dropped, and fields of log lines.
 */
export function countedBreaches(metrics: readonly ExposedMetric[]): Partial<Record<ContractRule, number>> {
  const counts: Partial<Record<ContractRule, number>> = {};
  for (const { name, samples } of metrics) {
    if (name !== 'throughline_contract_violations_total') continue;
    for (const { labels, value } of samples) {
      const rule = contractRules.find((known) => known === labels.rule);
      if (rule && value > 0) counts[rule] = (counts[rule] ?? 0) + value;
    }
  }
  return counts;
}

function breachesOfMetric(contract: Contract): (metric: ExposedMetric) => Breach[] {
  const check = metricCheck(contract);
  return ({ name, type, samples }) =>
    check({ name, type, labelNames: new Set(samples.flatMap(({ labels }) => Object.keys(labels))) });
}

/** One breach for each label and value, with the metrics that have it: a missing team is one breach, not a thousand. */
function identityOfSeries(contract: Contract, metrics: readonly ExposedMetric[]): Breach[] {
  const found = new Map<string, { readonly breach: Breach; readonly metrics: Set<string> }>();
  for (const metric of metrics) {
    for (const { labels } of metric.samples) {
      for (const breach of identityBreaches(contract, labels)) {
        const entry = found.get(breach.message) ?? { breach, metrics: new Set() };
        found.set(breach.message, entry);
        entry.metrics.add(metric.name);
      }
    }
  }
  return [...found.values()].map(({ breach, metrics: names }) => ({
    ...breach,
    message: `${breach.message} on ${shownMetrics(names, metrics.length)}`,
  }));
}

function shownMetrics(names: ReadonlySet<string>, all: number): string {
  if (names.size === all) return 'any metric';
  const shown = [...names].slice(0, 3).join(', ');
  return names.size > 3 ? `${shown} and ${names.size - 3} more metrics` : shown;
}
