import type { ErrorCode, ObservabilityError } from '../model/errors.js';

/** Problems that were reported since the start: the last few of each kind, for the diagnosis. */
export interface ProblemRecord {
  add(error: ObservabilityError): void;
  all(): readonly ObservabilityError[];
}

const keptPerCode = 5;

export function createProblemRecord(): ProblemRecord {
  const byCode = new Map<ErrorCode, ObservabilityError[]>();
  return {
    add(error) {
      const known = byCode.get(error.code) ?? [];
      byCode.set(error.code, known);
      if (known.some(({ message }) => message === error.message)) return;
      known.push(error);
      if (known.length > keptPerCode) known.shift();
    },
    all: () => [...byCode.values()].flat(),
  };
}
