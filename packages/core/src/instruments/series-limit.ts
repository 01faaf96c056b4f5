import { copyOf } from '../model/text-copy.js';

/** Longest label value; what is longer is cut, and ends in `…`. */
export const maxLabelValueLength = 256;

/** Label of the series that collects all values beyond the limit. OpenTelemetry defines the name. */
export const overflowLabel = 'otel_metric_overflow';

export type SeriesLabels = Record<string, string>;

/** Maximum number of series of a metric. Read for every new series, because the options may be set later. */
export interface SeriesLimits {
  readonly maxSeriesPerMetric: number;
  /** A value went to the overflow series of a metric. */
  readonly overflowed: (metric: string) => void;
}

/**
 * The series of one metric by their labels. Their number is bounded: a hostile Host header, or a label with user ids,
 * cannot fill the memory of this process or of the metrics backend. A series is found with one look-up.
 */
export class BoundedSeries<S> {
  private readonly byKey = new Map<string, S>();
  private overflow: S | undefined;
  /** The same as a list, until one is added or removed: most scrapes find the series of the last one. */
  private listed: readonly S[] | undefined;
  /** Rises when series are removed, so that a {@link SeriesHandle} looks its series up again. */
  generation = 0;

  /** @param labelNames in the order of which a set is recognised */
  constructor(
    private readonly metric: string,
    private readonly labelNames: readonly string[],
    private readonly limits: SeriesLimits,
    private readonly create: (labels: SeriesLabels) => S,
  ) {}

  /** @param labels kept: the caller must not use the object again */
  of(labels: SeriesLabels): S {
    const key = this.keyOf(labels);
    return this.byKey.get(key) ?? this.add(key, labels);
  }

  delete(labels: SeriesLabels): void {
    this.shorten(labels);
    this.byKey.delete(this.keyOf(labels));
    this.listed = undefined;
    this.generation++;
  }

  clear(): void {
    this.generation++;
    this.byKey.clear();
    this.overflow = undefined;
    this.listed = undefined;
  }

  /** Those that there are at this moment. */
  all(): readonly S[] {
    this.listed ??=
      this.overflow === undefined ? [...this.byKey.values()] : [...this.byKey.values(), this.overflow];
    return this.listed;
  }

  /** A handle on the series of one label set, for callers that record many values there. */
  handle(labels: () => SeriesLabels): SeriesHandle<S> {
    return new SeriesHandle(this, labels);
  }

  isOverflow(series: S): boolean {
    return series === this.overflow;
  }

  private keyOf(labels: SeriesLabels): string {
    let key = '';
    for (const name of this.labelNames) key += `${labels[name] ?? ''}\u0000`;
    return key;
  }

  private add(given: string, labels: SeriesLabels): S {
    let key = given;
    // Two values that read the same once they are cut are one series: an answer with a series twice is refused.
    if (this.shorten(labels)) {
      key = this.keyOf(labels);
      const known = this.byKey.get(key);
      if (known !== undefined) return known;
    }
    if (this.byKey.size >= this.limits.maxSeriesPerMetric) {
      this.limits.overflowed(this.metric);
      if (this.overflow === undefined) {
        this.overflow = this.create({ [overflowLabel]: 'true' });
        this.listed = undefined;
      }
      return this.overflow;
    }
    for (const name of this.labelNames) {
      const value = labels[name];
      if (value !== undefined) labels[name] = copyOf(value);
    }
    const series = this.create(labels);
    // Put together, it refers to its parts.
    this.byKey.set(copyOf(key), series);
    this.listed = undefined;
    return series;
  }

  /** @returns whether any value was changed */
  private shorten(labels: SeriesLabels): boolean {
    let changed = false;
    for (const name of this.labelNames) {
      const value = labels[name];
      if (value === undefined) continue;
      const shown = shownLabelValue(value);
      if (shown === value) continue;
      labels[name] = shown;
      changed = true;
    }
    return changed;
  }
}

/** The series of one label set: looked up once, and again after series were removed. */
export class SeriesHandle<S> {
  private series: S | undefined;
  private generation = -1;

  /** @param labels a new object with each call */
  constructor(
    private readonly all: BoundedSeries<S>,
    private readonly labels: () => SeriesLabels,
  ) {}

  get(): S {
    if (this.series !== undefined && this.generation === this.all.generation) return this.series;
    const series = this.all.of(this.labels());
    // Each value that goes to the overflow series is counted, so that one is looked up each time.
    if (!this.all.isOverflow(series)) {
      this.series = series;
      this.generation = this.all.generation;
    }
    return series;
  }
}

const hasSurrogate = /[\uD800-\uDFFF]/;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** A label value as it is served: cut, and without halves of characters, which have no form in UTF-8. */
export function shownLabelValue(value: string): string {
  const cut = value.length > maxLabelValueLength ? `${value.slice(0, maxLabelValueLength - 1)}…` : value;
  return hasSurrogate.test(cut) ? cut.replace(loneSurrogate, '\uFFFD') : cut;
}
