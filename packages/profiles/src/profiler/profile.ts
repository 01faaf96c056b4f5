import type { SampleOwner } from '../samples/sample-owner.js';
import type { Frame } from '../sources/frame.js';

export interface StackSample {
  /** The running function first. Samples with the same stack share the array. */
  readonly stack: readonly Frame[];
  /** One for each value type of the profile. */
  readonly values: readonly number[];
  readonly owner: SampleOwner | undefined;
  /** When the sample was taken, in microseconds since 1970; undefined where that is not asked for. */
  readonly timeMicros: number | undefined;
}

export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** What was sampled in one period. */
export interface StackProfile {
  readonly valueTypes: readonly ValueType[];
  readonly periodType: ValueType;
  /** Between two samples, in the unit of the period type. */
  readonly period: number;
  readonly startMillis: number;
  readonly endMillis: number;
  readonly samples: readonly StackSample[];
}
