import { register as defaultRegistry, type Registry } from 'prom-client';
import type { Breach } from '../contract/breaches.js';
import type { Contract } from '../contract/contract.js';
import { breachesAtStart, contractBreached } from '../contract/start-check.js';
import type { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { declaredMetrics } from './contract-enforcement.js';

/** The contract, and how this service breaks it at start. */
export interface ContractAtStart {
  readonly contract: Contract | undefined;
  readonly breaches: readonly Breach[];
  /** The breaches as something to log. */
  readonly problems: readonly ObservabilityError[];
}

/**
 * Whether the service meets its contract with what it has at start: its identity, and the metrics it declared before.
 *
 * @throws ObservabilityError `OBS_CONTRACT_BREACHED` if the contract's mode is `error`
 */
export function checkContractAtStart(
  { contract, metrics }: Pick<ResolvedOptions, 'contract' | 'metrics'>,
  labels: Readonly<Record<string, string>>,
  custom: Registry,
): ContractAtStart {
  const breaches = contract
    ? breachesAtStart(contract, {
        labels,
        metrics: declaredMetrics([custom, defaultRegistry, ...metrics.registries]),
      })
    : [];
  return { contract, breaches, problems: breaches.length > 0 ? [contractBreached(breaches)] : [] };
}
