import { ObservabilityError } from '../model/errors.js';
import { type Breach, type DeclaredMetric, identityBreaches, logBreaches, metricCheck } from './breaches.js';
import type { Contract } from './contract.js';

/** What is known of a service when it starts. */
export interface ServiceAtStart {
  /** Identity, as labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Metrics that exist already. */
  readonly metrics: readonly DeclaredMetric[];
}

/**
 * How a service breaks its contract at start.
 *
 * @throws ObservabilityError `OBS_CONTRACT_BREACHED` with all breaches, if the contract's mode is `error`
 */
export function breachesAtStart(contract: Contract, { labels, metrics }: ServiceAtStart): readonly Breach[] {
  const breaches = [
    ...identityBreaches(contract, labels),
    ...logBreaches(contract, labels),
    ...metrics.flatMap(metricCheck(contract)),
  ];
  if (contract.mode === 'error' && breaches.length > 0) throw contractBreached(breaches);
  return breaches;
}

/** One error for any number of breaches. */
export function contractBreached(breaches: readonly Breach[]): ObservabilityError {
  const messages = breaches.map(({ message }) => message);
  return new ObservabilityError(
    'OBS_CONTRACT_BREACHED',
    messages.length === 1
      ? `The service does not meet its contract: ${messages[0]}.`
      : `The service does not meet its contract in ${messages.length} points: ${messages.join('; ')}.`,
  );
}
