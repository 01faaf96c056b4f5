import { copyOf } from '../model/text-copy.js';
import {
  type BoundedSeries,
  maxLabelValueLength,
  type SeriesHandle,
  type SeriesLabels,
  type SeriesLimits,
} from './series-limit.js';

/** The value of a label. A number is written in decimal digits; `undefined` means no label. */
export type GivenLabelValue = string | number | undefined;

interface SeriesSettings extends Pick<SeriesLimits, 'maxSeriesPerMetric'> {
  /** `drops`: whether no series may have a label of that name. */
  readonly contract: { drops(label: string): boolean };
}

type Node<S> = Map<GivenLabelValue, Node<S> | S>;

/**
 * Finds the series of a list of label values, in the order of the label names, without making an object or a key of
 * them: one look-up per label. A set that is new here goes to {@link BoundedSeries}, which has the last word.
 */
export class SeriesByValues<S extends object> {
  private root: Node<S> = new Map();
  private known = 0;
  private generation = 0;
  private readonly last: number;

  /**
   * @param labelNames six at most
   */
  constructor(
    private readonly all: BoundedSeries<S>,
    private readonly labelNames: readonly string[],
    private readonly settings: SeriesSettings,
  ) {
    this.last = labelNames.length - 1;
  }

  of(
    v0: GivenLabelValue,
    v1: GivenLabelValue,
    v2: GivenLabelValue,
    v3: GivenLabelValue,
    v4: GivenLabelValue,
    v5: GivenLabelValue,
  ): S {
    return this.found(v0, v1, v2, v3, v4, v5) ?? this.added([v0, v1, v2, v3, v4, v5]);
  }

  /** @returns undefined for values that have not been given to {@link of} yet */
  found(
    v0: GivenLabelValue,
    v1: GivenLabelValue,
    v2: GivenLabelValue,
    v3: GivenLabelValue,
    v4: GivenLabelValue,
    v5: GivenLabelValue,
  ): S | undefined {
    if (this.generation !== this.all.generation) return undefined;
    const { last } = this;
    let node = this.root.get(v0);
    if (node !== undefined && last > 0) node = (node as Node<S>).get(v1);
    if (node !== undefined && last > 1) node = (node as Node<S>).get(v2);
    if (node !== undefined && last > 2) node = (node as Node<S>).get(v3);
    if (node !== undefined && last > 3) node = (node as Node<S>).get(v4);
    if (node !== undefined && last > 4) node = (node as Node<S>).get(v5);
    return node as S | undefined;
  }

  /** How many lists of values are found without a look into all series. */
  get size(): number {
    return this.generation === this.all.generation ? this.known : 0;
  }

  /** A handle on the series of one list of values. */
  handle(values: readonly GivenLabelValue[]): SeriesHandle<S> {
    return this.all.handle(() => this.labelsOf(values));
  }

  private labelsOf(values: readonly GivenLabelValue[]): SeriesLabels {
    const labels: SeriesLabels = {};
    for (const [index, name] of this.labelNames.entries()) {
      const value = values[index];
      if (value !== undefined && !this.settings.contract.drops(name)) labels[name] = String(value);
    }
    return labels;
  }

  private added(values: readonly GivenLabelValue[]): S {
    const series = this.all.of(this.labelsOf(values));
    // Each value that goes to the overflow series is counted, so that one is looked up each time.
    if (this.all.isOverflow(series)) return series;
    // Neither are values that are cut: whole, they could fill the memory.
    if (values.some((value) => typeof value === 'string' && value.length > maxLabelValueLength))
      return series;
    // Values that are cut to the same label are known one by one, and there may be any number of them.
    if (this.generation !== this.all.generation || this.known >= this.settings.maxSeriesPerMetric) {
      this.root = new Map();
      this.known = 0;
      this.generation = this.all.generation;
    }
    const kept = values.map((value) => (typeof value === 'string' ? copyOf(value) : value));
    let node = this.root;
    for (let i = 0; i < this.last; i++) {
      let next = node.get(kept[i]) as Node<S> | undefined;
      if (next === undefined) {
        next = new Map();
        node.set(kept[i], next);
      }
      node = next;
    }
    node.set(kept[Math.max(this.last, 0)], series);
    this.known++;
    return series;
  }
}
