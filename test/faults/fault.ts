import type { Bed } from './bed.js';

/** Something that goes wrong, made on purpose. */
export interface Fault {
  /** What is done, in a few words; unique in its group. */
  readonly name: string;
  /** Whether `npm test` creates it too. The others are created by `npm run test:faults`. */
  readonly isQuick?: boolean;
  /** Returns what was not as promised; nothing if all was. */
  create(bed: Bed): Promise<string | undefined>;
}

/** Faults of one kind, which all have to leave the same promise intact. */
export interface FaultGroup {
  readonly title: string;
  /** What holds, whichever of the faults happens. */
  readonly promise: string;
  readonly faults: readonly Fault[];
}
