import type { ObservabilityError } from '../model/errors.js';
import type { Breach, ContractRule } from './breaches.js';
import { contractBreached } from './start-check.js';

/** Distinct breaches that are remembered; a metric whose names never end must not fill the memory. */
const maxRemembered = 1_000;

/** Counts breaches at run time, and logs each distinct one once. */
export interface BreachRecord {
  /** Records a breach that may be found many times: it is counted and logged only the first time. */
  found(breach: Breach): void;
  /** Records a breach that happens again: it is counted every time, and logged the first time. */
  happened(breach: Breach): void;
  /** The distinct ones so far, oldest first. */
  all(): readonly Breach[];
}

/**
 * @param known breaches that were already logged at start; they are counted here
 * @param count adds one to `throughline_contract_violations_total`
 */
export function createBreachRecord(
  known: readonly Breach[],
  count: (rule: ContractRule) => void,
  report: (error: ObservabilityError) => void,
): BreachRecord {
  const said = new Map<string, Breach>();
  const isNew = (breach: Breach) => {
    if (said.has(breach.message) || said.size >= maxRemembered) return false;
    said.set(breach.message, breach);
    return true;
  };
  for (const breach of known) if (isNew(breach)) count(breach.rule);
  return {
    found(breach) {
      if (!isNew(breach)) return;
      count(breach.rule);
      report(contractBreached([breach]));
    },
    happened(breach) {
      count(breach.rule);
      if (isNew(breach)) report(contractBreached([breach]));
    },
    all: () => [...said.values()],
  };
}
