import { type GivenLabelValue, SeriesByValues } from '../instruments/series-by-values.js';
import type { BoundedSeries } from '../instruments/series-limit.js';
import type { GivenLabels, MetricLabels } from './metric-labels.js';

/** Label sets of one metric that are found by their values. Each takes some 300 bytes. */
const maxRemembered = 200;

/** Finds the series of a call, without an object for its labels if it has been found before. */
export class GivenSeries<S extends object> {
  private readonly byValues: SeriesByValues<S> | undefined;

  /** @param drops whether the contract allows no series to have the label */
  constructor(
    private readonly labels: MetricLabels,
    private readonly all: BoundedSeries<S>,
    drops: (label: string) => boolean,
  ) {
    const { names } = labels;
    if (names.length === 0 || names.length > 6) return;
    this.byValues = new SeriesByValues(all, names, {
      maxSeriesPerMetric: maxRemembered,
      contract: { drops },
    });
  }

  /** @param given values other than text and numbers go the general way */
  of(given: GivenLabels): S {
    return this.remembered(given) ?? this.all.of(this.labels.of(given));
  }

  private remembered(given: GivenLabels): S | undefined {
    const { byValues } = this;
    if (byValues === undefined) return undefined;
    const { names } = this.labels;
    let v0: unknown;
    let v1: unknown;
    let v2: unknown;
    let v3: unknown;
    let v4: unknown;
    let v5: unknown;
    let members = 0;
    try {
      for (const _name in given) members++;
      v0 = given[names[0] as string];
      if (names.length > 1) v1 = given[names[1] as string];
      if (names.length > 2) v2 = given[names[2] as string];
      if (names.length > 3) v3 = given[names[3] as string];
      if (names.length > 4) v4 = given[names[4] as string];
      if (names.length > 5) v5 = given[names[5] as string];
    } catch {
      // A getter that throws.
      return undefined;
    }
    if (!isValue(v0) || !isValue(v1) || !isValue(v2) || !isValue(v3) || !isValue(v4) || !isValue(v5)) {
      return undefined;
    }
    // The general way complains of a label that does not exist.
    if (members !== count(v0) + count(v1) + count(v2) + count(v3) + count(v4) + count(v5)) return undefined;
    const found = byValues.found(v0, v1, v2, v3, v4, v5);
    return found ?? (byValues.size < maxRemembered ? byValues.of(v0, v1, v2, v3, v4, v5) : undefined);
  }
}

function isValue(value: unknown): value is GivenLabelValue {
  return value === undefined || typeof value === 'string' || typeof value === 'number';
}

function count(value: GivenLabelValue): number {
  return value === undefined ? 0 : 1;
}
