import type { MetricValue } from './metric-snapshot.js';

/** The key of a sample's series within its metric. It does not depend on the order of the labels. */
export function seriesKey(value: MetricValue): string {
  return `${value.metricName ?? ''}\u0000${labelsKey(value.sharedLabels, value.labels)}`;
}

/** Key of one or two sets of labels; an empty label is the same as none. */
export function labelsKey(
  first: Readonly<Record<string, string | number | undefined>> | undefined,
  second?: Readonly<Record<string, string | number | undefined>>,
): string {
  const parts: string[] = [];
  for (const labels of [first, second]) {
    for (const name in labels) {
      if (!Object.hasOwn(labels, name)) continue;
      const value = labels[name];
      if (value !== undefined && value !== '') parts.push(`${name}\u0000${value}`);
    }
  }
  return parts.sort().join('\u0000');
}
