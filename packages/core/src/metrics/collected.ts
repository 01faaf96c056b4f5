import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { seriesKey } from '../instruments/series-key.js';

/** Labels that a registry puts on all of its metrics; undefined for none. */
export type DefaultLabels = Readonly<Record<string, string>> | undefined;

interface Source {
  readonly labelNames?: readonly string[];
}

/** What a scrape has collected, in the order in which metrics were asked. */
export class Collected {
  private readonly snapshots: (MetricSnapshot | undefined)[] = [];
  private readonly sources: (Source | undefined)[] = [];
  private readonly defaultLabels: DefaultLabels[] = [];

  constructor(private readonly complaints: { conflicting(metric: string, detail: string): void }) {}

  /** @returns the place of a metric that may answer later, or never */
  reserve(): number {
    return this.snapshots.push(undefined) - 1;
  }

  /** @param source undefined for a metric that does not come from a registry */
  take(place: number, snapshot: MetricSnapshot, source?: Source, defaultLabels?: DefaultLabels): void {
    this.snapshots[place] = defaultLabels ? withDefaultLabels(snapshot, defaultLabels) : snapshot;
    this.sources[place] = source;
    this.defaultLabels[place] = defaultLabels;
  }

  /** One metric for each name. One whose name already exists adds its further series, if it is of the same kind. */
  joined(): MetricSnapshot[] {
    const { snapshots } = this;
    const joined: MetricSnapshot[] = [];
    /** The place in `joined`, and the place where it was collected. */
    const byName = new Map<string, number>();
    const places: number[] = [];
    for (let place = 0; place < snapshots.length; place++) {
      const snapshot = snapshots[place];
      if (snapshot === undefined) continue;
      const first = byName.get(snapshot.name);
      if (first !== undefined) {
        this.add(joined, first, places[first] as number, snapshot, place);
        continue;
      }
      byName.set(snapshot.name, joined.length);
      joined.push(snapshot);
      places.push(place);
    }
    return joined;
  }

  private add(
    joined: MetricSnapshot[],
    index: number,
    firstPlace: number,
    snapshot: MetricSnapshot,
    place: number,
  ): void {
    const first = joined[index] as MetricSnapshot;
    const { name, type } = first;
    const firstNames = this.labelNames(first, firstPlace);
    const names = this.labelNames(snapshot, place);
    const isOther = [...names].some((label) => !firstNames.has(label));
    if (type !== snapshot.type || isOther) {
      this.complaints.conflicting(
        name,
        type === snapshot.type
          ? `with the labels [${[...firstNames].join(', ')}] and with [${[...names].join(', ')}]`
          : `as a ${type} and as a ${snapshot.type}`,
      );
      return;
    }
    const known = new Set(first.values.map(seriesKey));
    const values = snapshot.values.filter((value) => !known.has(seriesKey(value)));
    if (values.length > 0) joined[index] = { ...first, values: [...first.values, ...values] };
  }

  private labelNames(snapshot: MetricSnapshot, place: number): ReadonlySet<string> {
    const source = this.sources[place];
    return source
      ? new Set([...(source.labelNames ?? []), ...Object.keys(this.defaultLabels[place] ?? {})])
      : labelNamesOf(snapshot);
  }
}

function withDefaultLabels(
  snapshot: MetricSnapshot,
  defaultLabels: NonNullable<DefaultLabels>,
): MetricSnapshot {
  return {
    ...snapshot,
    values: snapshot.values.map(({ sharedLabels, ...value }) => ({
      ...value,
      labels: { ...defaultLabels, ...sharedLabels, ...value.labels },
    })),
  };
}

function labelNamesOf({ values }: MetricSnapshot): Set<string> {
  const names = new Set<string>();
  const addNames = (labels: MetricValue['labels']) => {
    for (const name of Object.keys(labels ?? {})) if (name !== 'le') names.add(name);
  };
  for (const value of values) {
    addNames(value.labels);
    addNames(value.sharedLabels);
  }
  return names;
}
