import {
  type Breach,
  type ContractRule,
  contractRules,
  identityBreaches,
  metricCheck,
} from '@throughline/core/internal';
import type { Contract } from '@throughline/core/internal';
import type { ExposedMetric } from '../metrics/parse-exposition.js';

/** How the answer to a scrape breaks a contract: the identity on every series, labels and names of every metric. */
export function expositionBreaches(contract: Contract, metrics: readonly ExposedMetric[]): Breach[] {
  return [...identityOfSeries(contract, metrics), ...metrics.flatMap(breachesOfMetric(contract))];
}

/**
 * What the service itself has counted against a contract, by rule. Some of it does not show in its metrics: labels
 * that it dropped, log lines.
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

/** One breach per label and value, with the metrics that have it: a missing team is one fault, not a thousand. */
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
