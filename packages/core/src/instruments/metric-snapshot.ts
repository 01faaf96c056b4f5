import type { ExemplarLabels } from './exemplar.js';

/** One metric as prom-client's `get()` gives it. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram`, `summary`, or `info`. */
  readonly type: string;
  readonly values: readonly MetricValue[];
  /** A gauge that is a sum of changes, as an up-down counter is: two series that become one add up. */
  readonly isSum?: boolean;
  /** How the values of several processes become one; prom-client's metrics say so as well. */
  readonly aggregator?: Aggregator | undefined;
}

/** prom-client's words, and `each`: a series per process, told apart by a label. */
export const aggregators = ['sum', 'min', 'max', 'average', 'first', 'omit', 'each'] as const;
/** How the values of several processes become one value: `sum`, `min`, `max`, `average`, `first`, `omit`, or `each`, a series per process. */
export type Aggregator = (typeof aggregators)[number];

export interface MetricValue {
  readonly value: number;
  readonly labels?: SnapshotLabels;
  /** Labels that all values of one histogram share; prom-client keeps them apart. */
  readonly sharedLabels?: SnapshotLabels;
  readonly metricName?: string;
  readonly exemplar?: {
    readonly labelSet: SnapshotLabels | ExemplarLabels;
    readonly value: number;
    readonly timestamp: number;
  } | null;
}

export type SnapshotLabels = Readonly<Record<string, string | number | undefined>>;
