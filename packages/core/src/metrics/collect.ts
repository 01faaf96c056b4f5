import type { Registry } from 'prom-client';
import { ObservabilityError } from '../errors.js';
import type { MetricSnapshot } from './exposition.js';

/** A metric whose collect callback takes longer is left out of this answer. */
const collectTimeoutMillis = 5_000;

interface CollectableMetric {
  readonly name: string;
  get(): Promise<unknown>;
  getForPromString?(): Promise<unknown>;
}

/**
 * Collects the metrics of several registries as one list. A name that appears again in a later registry is
 * left out, and so is a metric that cannot be collected; the rest is served.
 *
 * @param further metrics from elsewhere, after those of the registries
 */
export async function collectMetrics(
  registries: Iterable<Registry>,
  report: (error: ObservabilityError) => void,
  further: Promise<readonly MetricSnapshot[]> = Promise.resolve([]),
): Promise<MetricSnapshot[]> {
  const byName = new Map<string, Promise<MetricSnapshot | undefined>>();
  for (const registry of new Set(registries)) {
    // prom-client keeps a registry's default labels to itself, but applies them only in its own rendering.
    const defaults = (registry as unknown as { _defaultLabels?: Record<string, string> })._defaultLabels;
    for (const metric of registry.getMetricsAsArray() as unknown as CollectableMetric[]) {
      if (!byName.has(metric.name)) byName.set(metric.name, collectOne(metric, defaults, report));
    }
  }
  const snapshots = await Promise.all(byName.values());
  const others = (await further).filter((snapshot) => !byName.has(snapshot.name));
  return [...snapshots.filter((snapshot) => snapshot !== undefined), ...others];
}

async function collectOne(
  metric: CollectableMetric,
  defaultLabels: Record<string, string> | undefined,
  report: (error: ObservabilityError) => void,
): Promise<MetricSnapshot | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const snapshot = (await Promise.race([
      metric.getForPromString ? metric.getForPromString() : metric.get(),
      new Promise((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`no answer within ${collectTimeoutMillis} ms`)),
          collectTimeoutMillis,
        );
        timer.unref();
      }),
    ])) as MetricSnapshot;
    if (!defaultLabels || Object.keys(defaultLabels).length === 0) return snapshot;
    return {
      ...snapshot,
      values: snapshot.values.map((sample) => ({
        ...sample,
        labels: { ...defaultLabels, ...sample.sharedLabels, ...sample.labels },
        sharedLabels: {},
      })),
    };
  } catch (cause) {
    report(
      new ObservabilityError(
        'OBS_METRICS_COLLECT_FAILED',
        `Metric '${metric.name}' could not be collected: ${cause instanceof Error ? cause.message : String(cause)}.`,
        { cause },
      ),
    );
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
