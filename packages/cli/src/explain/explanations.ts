import { errorCatalogue, type FindingLevel, findingCatalogue } from '@throughline/core/internal';
import { commandErrorCatalogue } from '../command-line/errors.js';
import { commandFindingCatalogue } from '../command-line/findings.js';

/** What the catalogues say about a code. */
export interface Explanation {
  readonly code: string;
  /**
   * Where the code occurs: thrown or logged by a service, reported by `throughline doctor` and `diagnose()`, or printed by
   * the command line.
   */
  readonly from: 'service' | 'doctor' | 'command';
  /** Of a finding. */
  readonly level?: FindingLevel;
  readonly message: string;
  readonly cause: string;
  readonly fix: string;
}

type Entries = Readonly<Record<string, Omit<Explanation, 'code' | 'from'>>>;

const catalogues: readonly (readonly [Explanation['from'], Entries])[] = [
  ['service', errorCatalogue],
  ['doctor', findingCatalogue],
  ['command', commandErrorCatalogue],
  ['command', commandFindingCatalogue],
];

/** Everything that can be explained, in the order of the catalogues. A code that occurs in two has two entries. */
export function allExplanations(): Explanation[] {
  return catalogues.flatMap(([from, entries]) =>
    Object.entries(entries).map(([code, entry]) => ({ code, from, ...entry })),
  );
}
