import type { MetricSnapshot, MetricValue } from '../instruments/metric-snapshot.js';
import { seriesKey } from '../instruments/series-key.js';
import { joined } from './label-removal.js';

/** A metric with the name of the meter that it was made with. */
export interface ScopedSnapshot {
  readonly scope: string;
  readonly snapshot: MetricSnapshot;
}

/**
 * Makes one metric of those with one name and type, and one series of those with equal labels: `x.y` and `x_y` are
 * one label in Prometheus, and two meters may use one name. A second line for one series costs the whole scrape.
 * Histograms whose bounds differ cannot be added up; the later ones get the label `otel_scope_name`.
 */
export function joinSeries(metrics: readonly ScopedSnapshot[]): MetricSnapshot[] {
  const byName = new Map<string, ScopedSnapshot[]>();
  for (const each of metrics) {
    const key = `${each.snapshot.type} ${each.snapshot.name}`;
    const same = byName.get(key);
    if (same) same.push(each);
    else byName.set(key, [each]);
  }
  return Array.from(byName.values(), joinOne);
}

function joinOne(same: readonly ScopedSnapshot[]): MetricSnapshot {
  const [{ snapshot: first }] = same as [ScopedSnapshot];
  const bounds = boundsOf(first);
  const values = new Map<string, MetricValue>();
  for (const { scope, snapshot } of same) {
    const isApart = first.type === 'histogram' && boundsOf(snapshot) !== bounds;
    const apart = isApart ? scopeLabels(scope) : undefined;
    for (const value of snapshot.values) {
      const sample = apart ? { ...value, sharedLabels: apart(value.sharedLabels) } : value;
      const key = seriesKey(sample);
      const earlier = values.get(key);
      values.set(key, earlier ? joined(first, earlier, sample) : sample);
    }
  }
  return { ...first, values: [...values.values()] };
}

/** The values of one series go on sharing one object of labels. */
function scopeLabels(scope: string) {
  const known = new Map<MetricValue['sharedLabels'], MetricValue['sharedLabels']>();
  return (labels: MetricValue['sharedLabels']): NonNullable<MetricValue['sharedLabels']> => {
    const scoped = known.get(labels) ?? { ...labels, otel_scope_name: scope };
    known.set(labels, scoped);
    return scoped;
  };
}

function boundsOf({ values }: MetricSnapshot): string {
  const bounds = new Set<unknown>();
  for (const { labels } of values) if (labels?.le !== undefined) bounds.add(labels.le);
  return [...bounds].join();
}
