import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { seriesKey } from '../instruments/series-key.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { startPace } from '../timing/pace.js';
import { currentSnapshot } from './current-values.js';

/** A metric whose collect callback takes longer is left out of this answer. Prometheus itself waits ten seconds. */
export const collectTimeoutMillis = 5_000;

interface CollectableMetric {
  readonly name: string;
  readonly labelNames?: readonly string[];
  get(): Promise<unknown>;
  getForPromString?(): Promise<unknown>;
}

/** Problems of a metric while it is collected. The other metrics are still served. */
export interface CollectComplaints {
  collectFailed(metric: string, cause: unknown): void;
  conflicting(metric: string, detail: string): void;
}

/** Metrics from elsewhere than a registry, and what went wrong with some of them. */
export interface FurtherMetrics {
  readonly metrics: readonly MetricSnapshot[];
  readonly errors: readonly unknown[];
}

export interface CollectSettings {
  /** How long a callback may take. Default: five seconds. */
  readonly timeoutMillis?: number | undefined;
  /** Collected in addition to the registries. */
  readonly further?: ((timeoutMillis: number) => Promise<FurtherMetrics>) | undefined;
}

/** Collects metrics, of one process or of several; callbacks may take the given time, or five seconds. */
export type CollectMetrics = (timeoutMillis?: number) => Promise<readonly MetricSnapshot[]>;

interface Collected {
  readonly snapshot: MetricSnapshot;
  readonly labelNames: ReadonlySet<string>;
}

/**
 * Collects the metrics of several registries as one list. A name that exists in several of them is one metric,
 * where kind and labels agree, with every series once; where they do not agree, the first one is served and the
 * other said.
 */
export function createCollector(complaints: CollectComplaints) {
  /** Callbacks that did not answer an earlier scrape are not asked again until they do. */
  const hanging = new WeakSet<object>();

  return async function collect(
    registries: Iterable<MetricRegistry>,
    {
      timeoutMillis = collectTimeoutMillis,
      further = async () => ({ metrics: [], errors: [] }),
    }: CollectSettings = {},
  ): Promise<MetricSnapshot[]> {
    const pace = startPace();
    const others = further(timeoutMillis).catch(
      (cause): FurtherMetrics => ({ metrics: [], errors: [cause] }),
    );
    const pending: Promise<Collected | undefined>[] = [];
    const seen = new Set<object>();
    for (const registry of new Set(registries)) {
      // prom-client keeps a registry's default labels to itself, but applies them only in its own rendering.
      const { _defaultLabels } = registry as unknown as { _defaultLabels?: Record<string, string> };
      for (const metric of metricsOf(registry, complaints)) {
        if (seen.has(metric)) continue;
        seen.add(metric);
        pending.push(collectOne(metric, _defaultLabels ?? {}, timeoutMillis));
        if (pace.isDue()) await pace.giveWay();
      }
    }
    const byName = new Map<string, Collected>();
    for (const collected of await Promise.all(pending)) if (collected) add(byName, collected, complaints);
    const { metrics, errors } = await others;
    for (const cause of errors) complaints.collectFailed('of the OpenTelemetry API', cause);
    for (const snapshot of metrics) add(byName, { snapshot, labelNames: labelNamesOf(snapshot) }, complaints);
    return Array.from(byName.values(), ({ snapshot }) => snapshot);
  };

  /** A registry of the service's that fails must not take the others with it. */
  function metricsOf(registry: MetricRegistry, { collectFailed }: CollectComplaints): CollectableMetric[] {
    try {
      const metrics: unknown = registry.getMetricsAsArray();
      if (Array.isArray(metrics)) return metrics;
      isLateAnswer(metrics);
      throw new Error('getMetricsAsArray did not return an array');
    } catch (cause) {
      collectFailed('of a registry', cause);
      return [];
    }
  }

  async function collectOne(
    metric: CollectableMetric,
    defaultLabels: Readonly<Record<string, string>>,
    timeoutMillis: number,
  ): Promise<Collected | undefined> {
    try {
      const snapshot = withDefaultLabels(await answerOf(metric, timeoutMillis), defaultLabels);
      const labelNames = new Set([...(metric.labelNames ?? []), ...Object.keys(defaultLabels)]);
      return { snapshot, labelNames };
    } catch (cause) {
      complaints.collectFailed(metric.name, cause);
      return undefined;
    }
  }

  async function answerOf(metric: CollectableMetric, timeoutMillis: number): Promise<MetricSnapshot> {
    if (hanging.has(metric)) throw new Error('it has not answered an earlier scrape yet');
    let timer: NodeJS.Timeout | undefined;
    const answer = metric.getForPromString ? metric.getForPromString() : metric.get();
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        hanging.add(metric);
        const over = () => hanging.delete(metric);
        answer.then(over, over);
        reject(new Error(`no answer within ${timeoutMillis} ms`));
      }, timeoutMillis);
      timer.unref();
    });
    try {
      return (await Promise.race([answer, timeout])) as MetricSnapshot;
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The same without waiting, for the end of the process: metrics that cannot be read so, and values that an asynchronous
 * callback would give, are left out.
 */
export function collectNow(
  registries: Iterable<MetricRegistry>,
  complaints: CollectComplaints,
): MetricSnapshot[] {
  const byName = new Map<string, Collected>();
  const metrics = new Map<object, Readonly<Record<string, string>>>();
  for (const registry of new Set(registries)) {
    const { _defaultLabels } = registry as unknown as { _defaultLabels?: Record<string, string> };
    for (const metric of registry.getMetricsAsArray()) {
      if (!metrics.has(metric)) metrics.set(metric, _defaultLabels ?? {});
    }
  }
  for (const [metric, defaultLabels] of metrics) {
    const { name, labelNames = [] } = metric as CollectableMetric;
    try {
      const current = currentSnapshot(metric);
      if (!current) continue;
      const snapshot = withDefaultLabels(current, defaultLabels);
      add(
        byName,
        { snapshot, labelNames: new Set([...labelNames, ...Object.keys(defaultLabels)]) },
        complaints,
      );
    } catch (cause) {
      complaints.collectFailed(name, cause);
    }
  }
  return Array.from(byName.values(), ({ snapshot }) => snapshot);
}

/** A metric whose name already exists adds its further series, if it is of the same kind. */
function add(
  byName: Map<string, Collected>,
  collected: Collected,
  complaints: Pick<CollectComplaints, 'conflicting'>,
): void {
  const { name, type } = collected.snapshot;
  const first = byName.get(name);
  if (!first) {
    byName.set(name, collected);
    return;
  }
  const other = [...collected.labelNames].filter((label) => !first.labelNames.has(label));
  if (first.snapshot.type !== type || other.length > 0) {
    complaints.conflicting(
      name,
      first.snapshot.type === type
        ? `with the labels [${[...first.labelNames].join(', ')}] and with [${[...collected.labelNames].join(', ')}]`
        : `as a ${first.snapshot.type} and as a ${type}`,
    );
    return;
  }
  const known = new Set(first.snapshot.values.map(seriesKey));
  const values = collected.snapshot.values.filter((value) => !known.has(seriesKey(value)));
  if (values.length === 0) return;
  const snapshot = { ...first.snapshot, values: [...first.snapshot.values, ...values] };
  byName.set(name, { ...first, snapshot });
}

function withDefaultLabels(
  snapshot: MetricSnapshot,
  defaultLabels: Readonly<Record<string, string>>,
): MetricSnapshot {
  if (Object.keys(defaultLabels).length === 0) return snapshot;
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
