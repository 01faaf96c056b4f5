import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { seriesKey } from '../instruments/series-key.js';
import { SeriesSnapshot } from '../instruments/series-snapshot.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { startPace } from '../timing/pace.js';
import { currentSnapshot } from './current-values.js';
import { waitForAnswers } from './pending-answers.js';

/** A metric whose collect callback takes longer is left out of this answer. Prometheus itself waits ten seconds. */
export const collectTimeoutMillis = 5_000;

interface CollectableMetric {
  readonly name: string;
  readonly labelNames?: readonly string[];
  /** Metrics of Throughline's own answer at once, mostly. */
  collected?(): MetricSnapshot | Promise<MetricSnapshot>;
  get(): Promise<MetricSnapshot>;
  getForPromString?(): Promise<MetricSnapshot>;
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
  /** Only looked at where two metrics have one name. */
  labelNames(): ReadonlySet<string>;
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
    { timeoutMillis = collectTimeoutMillis, further }: CollectSettings = {},
  ): Promise<MetricSnapshot[]> {
    const pace = startPace();
    const others = further?.(timeoutMillis).catch(
      (cause): FurtherMetrics => ({ metrics: [], errors: [cause] }),
    );
    const collected: (Collected | undefined)[] = [];
    const waiting = waitForAnswers<MetricSnapshot>(timeoutMillis, (metric, answer) => {
      hanging.add(metric);
      const over = () => hanging.delete(metric);
      answer.then(over, over);
    });
    const seen = new Set<object>();
    for (const registry of new Set(registries)) {
      // prom-client keeps a registry's default labels to itself, but applies them only in its own rendering.
      const { _defaultLabels } = registry as unknown as { _defaultLabels?: Record<string, string> };
      for (const metric of metricsOf(registry, complaints)) {
        if (seen.has(metric)) continue;
        seen.add(metric);
        const place = collected.push(undefined) - 1;
        const take = (snapshot: MetricSnapshot) => {
          collected[place] = collectedOf(metric, snapshot, _defaultLabels);
        };
        const fail = (cause: unknown) => complaints.collectFailed(metric.name, cause);
        try {
          if (hanging.has(metric)) throw new Error('it has not answered an earlier scrape yet');
          const answer = answerOf(metric);
          if (answer instanceof SeriesSnapshot) take(answer);
          else waiting.add(metric, answer, take, fail);
        } catch (cause) {
          fail(cause);
        }
        if (pace.isDue()) await pace.giveWay();
      }
    }
    await waiting.end();
    const byName = new Map<string, Collected>();
    for (const one of collected) if (one) add(byName, one, complaints);
    if (others) {
      const { metrics, errors } = await others;
      for (const cause of errors) complaints.collectFailed('of the OpenTelemetry API', cause);
      for (const snapshot of metrics) {
        add(byName, { snapshot, labelNames: () => labelNamesOf(snapshot) }, complaints);
      }
    }
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
}

function answerOf(metric: CollectableMetric): MetricSnapshot | Promise<MetricSnapshot> {
  if (metric.collected) return metric.collected();
  return metric.getForPromString ? metric.getForPromString() : metric.get();
}

function collectedOf(
  { labelNames = [] }: CollectableMetric,
  snapshot: MetricSnapshot,
  defaultLabels: Readonly<Record<string, string>> = {},
): Collected {
  return {
    snapshot: withDefaultLabels(snapshot, defaultLabels),
    labelNames: () => new Set([...labelNames, ...Object.keys(defaultLabels)]),
  };
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
    const { name } = metric as CollectableMetric;
    try {
      const current = currentSnapshot(metric);
      if (!current) continue;
      add(byName, collectedOf(metric as CollectableMetric, current, defaultLabels), complaints);
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
  const firstNames = first.labelNames();
  const names = collected.labelNames();
  const other = [...names].filter((label) => !firstNames.has(label));
  if (first.snapshot.type !== type || other.length > 0) {
    complaints.conflicting(
      name,
      first.snapshot.type === type
        ? `with the labels [${[...firstNames].join(', ')}] and with [${[...names].join(', ')}]`
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
