import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { seriesKey } from '../instruments/series-key.js';
import { SeriesSnapshot } from '../instruments/series-snapshot.js';

/** Labels that a registry puts on all of its metrics; undefined for none. */
export type DefaultLabels = Readonly<Record<string, string>> | undefined;

interface Source {
  readonly labelNames?: readonly string[];
}

/** What only a second metric of the same name needs. */
interface Origin {
  readonly source: Source;
  readonly defaultLabels: DefaultLabels;
}

/** What a scrape has collected, in the order in which metrics were asked. */
export class Collected {
  private readonly snapshots: (MetricSnapshot | undefined)[] = [];
  private readonly origins: (Origin | undefined)[] = [];

  constructor(private readonly complaints: { conflicting(metric: string, detail: string): void }) {}

  /** @returns the place of a metric that may answer later, or never */
  reserve(): number {
    return this.snapshots.push(undefined) - 1;
  }

  /** @param source undefined for a metric that does not come from a registry */
  take(place: number, snapshot: MetricSnapshot, source?: Source, defaultLabels?: DefaultLabels): void {
    this.snapshots[place] = defaultLabels ? withDefaultLabels(snapshot, defaultLabels) : snapshot;
    if (source) this.origins[place] = { source, defaultLabels };
  }

  /** The same for one of Throughline's own that has answered at once. It knows its metric itself. */
  takeOwn(snapshot: SeriesSnapshot, defaultLabels: DefaultLabels): void {
    const place = this.snapshots.push(snapshot) - 1;
    if (defaultLabels) this.take(place, snapshot, snapshot.metric, defaultLabels);
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
    const firstNames = this.labelNames(firstPlace);
    const names = this.labelNames(place);
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

  private labelNames(place: number): ReadonlySet<string> {
    const snapshot = this.snapshots[place] as MetricSnapshot;
    const { source, defaultLabels } = this.origins[place] ?? originOf(snapshot);
    return source
      ? new Set([...(source.labelNames ?? []), ...Object.keys(defaultLabels ?? {})])
      : labelNamesOf(snapshot);
  }
}

function originOf(snapshot: MetricSnapshot): Partial<Origin> {
  return snapshot instanceof SeriesSnapshot ? { source: snapshot.metric } : {};
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
