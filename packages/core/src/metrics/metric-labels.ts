import type { SeriesLabels } from '../instruments/series-limit.js';
import { propertyOf } from '../model/foreign-error.js';

/** What a service passes as labels. Without a compiler it can be anything. */
export type GivenLabels = Readonly<Record<string, unknown>>;

/**
 * A call that a metric does not take.
 *
 * @param mistake identifies the kind of mistake; each kind is logged once per metric
 * @param isLost whether the value of the call was not recorded
 */
export type ReportMisuse = (mistake: string, detail: () => string, isLost: boolean) => void;

/** Reads the labels of one metric's calls. Nothing here throws, even for invalid labels. */
export class MetricLabels {
  /** The labels that the contract leaves; the others are not recorded. */
  kept: readonly string[];

  constructor(
    readonly names: readonly string[],
    private readonly misused: ReportMisuse,
  ) {
    this.kept = names;
  }

  /** As text, the declared labels only. */
  of(given: GivenLabels): SeriesLabels {
    try {
      return this.read(given);
    } catch {
      return this.read(readable(given, this.names));
    }
  }

  private read(given: GivenLabels): SeriesLabels {
    const labels: SeriesLabels = {};
    let taken = 0;
    for (const name of this.kept) {
      const value = given[name];
      if (value === undefined) continue;
      labels[name] = typeof value === 'string' ? value : textOf(value);
      taken++;
    }
    let count = 0;
    for (const _name in given) count++;
    if (count > taken) this.reportUnknown(given);
    return labels;
  }

  /**
   * The labels of `labels('web', 'DE')` or `labels({ channel: 'web', country: 'DE' })`.
   *
   * @returns undefined for a wrong number of values
   */
  ofArguments(given: readonly unknown[]): GivenLabels | undefined {
    const [first] = given;
    if (isObject(first)) return first;
    const { names } = this;
    if (given.length !== names.length) {
      this.misused(
        'number of label values',
        () =>
          `labels() and remove() take an object or ${names.length} label values; they got ${given.length}${declared(names)}. Nothing was recorded`,
        true,
      );
      return undefined;
    }
    return Object.fromEntries(names.map((name, index) => [name, given[index]]));
  }

  /** A key for the label set as given, before the contract removes labels from it. */
  keyOf(given: GivenLabels): string {
    try {
      return this.keyFrom(given);
    } catch {
      return this.keyFrom(readable(given, this.names));
    }
  }

  private keyFrom(given: GivenLabels): string {
    let key = '';
    for (const name of this.names) {
      const value = given[name];
      key += `${value === undefined ? '' : typeof value === 'string' ? value : textOf(value)}\u0000`;
    }
    return key;
  }

  private reportUnknown(given: GivenLabels): void {
    for (const name in given) {
      if (!Object.hasOwn(given, name) || this.names.includes(name) || given[name] === undefined) continue;
      this.misused(
        'unknown label',
        () =>
          `the label '${name}' does not exist${declared(this.names)}. The value was recorded without that label`,
        false,
      );
      return;
    }
  }
}

export function isObject(value: unknown): value is GivenLabels {
  return typeof value === 'object' && value !== null;
}

function declared(names: readonly string[]): string {
  return names.length === 0
    ? '; the metric was declared without labelNames'
    : `; the metric was declared with the labels ${names.join(', ')}`;
}

/** The declared labels that can be read: one whose getter throws is left out. */
function readable(given: GivenLabels, names: readonly string[]): GivenLabels {
  return Object.fromEntries(names.map((name) => [name, propertyOf(given, name)]));
}

/** An object without a prototype, as query strings are parsed into, has no text. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `[${typeof value}]`;
  }
}
