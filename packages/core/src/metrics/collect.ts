import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { SeriesSnapshot } from '../instruments/series-snapshot.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { startPace } from '../timing/pace.js';
import { Collected, type DefaultLabels } from './collected.js';
import { currentSnapshot } from './current-values.js';
import { type PendingAnswers, waitForAnswers } from './pending-answers.js';

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
  readonly further?: ((timeoutMillis: number) => Promise<FurtherMetrics> | undefined) | undefined;
}

/** Collects metrics, of one process or of several; callbacks may take the given time, or five seconds. */
export type CollectMetrics = (timeoutMillis?: number) => Promise<readonly MetricSnapshot[]>;

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
    const others = further?.(timeoutMillis)?.catch(
      (cause): FurtherMetrics => ({ metrics: [], errors: [cause] }),
    );
    const collected = new Collected(complaints);
    /** Most scrapes have nothing to wait for. */
    let waiting: PendingAnswers<MetricSnapshot> | undefined;
    const seen = new Set<object>();
    for (const registry of new Set(registries)) {
      const defaultLabels = defaultLabelsOf(registry);
      for (const metric of metricsOf(registry, complaints)) {
        if (seen.has(metric)) continue;
        seen.add(metric);
        // The time is looked at now and then only: most metrics answer within a microsecond.
        if (seen.size % 16 === 0 && pace.isDue()) await pace.giveWay();
        try {
          if (hanging.has(metric)) throw new Error('it has not answered an earlier scrape yet');
          const answer = answerOf(metric);
          if (answer instanceof SeriesSnapshot) {
            collected.takeOwn(answer, defaultLabels);
            continue;
          }
          const place = collected.reserve();
          waiting ??= waitFor(timeoutMillis);
          waiting.add(
            metric,
            answer,
            (snapshot) => collected.take(place, snapshot, metric, defaultLabels),
            (cause) => complaints.collectFailed(metric.name, cause),
          );
        } catch (cause) {
          complaints.collectFailed(metric.name, cause);
        }
      }
    }
    await waiting?.end();
    if (others) {
      const { metrics, errors } = await others;
      for (const cause of errors) complaints.collectFailed('of the OpenTelemetry API', cause);
      for (const snapshot of metrics) collected.take(collected.reserve(), snapshot);
    }
    return collected.joined();
  };

  function waitFor(timeoutMillis: number): PendingAnswers<MetricSnapshot> {
    return waitForAnswers(timeoutMillis, (metric, answer) => {
      hanging.add(metric);
      const over = () => hanging.delete(metric);
      answer.then(over, over);
    });
  }

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

/** prom-client keeps a registry's default labels to itself, but applies them only in its own rendering. */
function defaultLabelsOf(registry: MetricRegistry): DefaultLabels {
  const { _defaultLabels } = registry as unknown as { _defaultLabels?: Record<string, string> };
  return _defaultLabels && Object.keys(_defaultLabels).length > 0 ? _defaultLabels : undefined;
}

/**
 * The same without waiting, for the end of the process: metrics that cannot be read so, and values that an asynchronous
 * callback would give, are left out.
 */
export function collectNow(
  registries: Iterable<MetricRegistry>,
  complaints: CollectComplaints,
): MetricSnapshot[] {
  const collected = new Collected(complaints);
  const metrics = new Map<object, DefaultLabels>();
  for (const registry of new Set(registries)) {
    const defaultLabels = defaultLabelsOf(registry);
    for (const metric of registry.getMetricsAsArray()) {
      if (!metrics.has(metric)) metrics.set(metric, defaultLabels);
    }
  }
  for (const [metric, defaultLabels] of metrics) {
    const { name } = metric as CollectableMetric;
    try {
      const current = currentSnapshot(metric);
      if (!current) continue;
      collected.take(collected.reserve(), current, metric as CollectableMetric, defaultLabels);
    } catch (cause) {
      complaints.collectFailed(name, cause);
    }
  }
  return collected.joined();
}
