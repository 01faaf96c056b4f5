import type { MetricSnapshot, SnapshotLabels } from '../instruments/metric-snapshot.js';
import { redactMessage } from '../redaction/attribute-redaction.js';
import { joinSeries } from './series-join.js';

/** Label values come again with every scrape; a service that makes them up must not fill the memory. */
const maxRemembered = 20_000;
const maxRememberedLength = 512;

/**
 * Makes a function that removes what has the form of a secret from the values of labels, by the rules for log lines and
 * spans. Series that are equal then become one.
 */
export function createLabelRedaction(): (metric: MetricSnapshot) => MetricSnapshot {
  const remembered = new Map<string, string>();

  function shown(value: string): string {
    const known = remembered.get(value);
    if (known !== undefined) return known;
    const redacted = redactMessage(value);
    if (value.length <= maxRememberedLength) {
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(value, redacted);
    }
    return redacted;
  }

  /** The same object if nothing is to be removed. */
  function labelsShown(labels: SnapshotLabels | undefined): SnapshotLabels | undefined {
    let changed: Record<string, string | number | undefined> | undefined;
    for (const name in labels) {
      if (!Object.hasOwn(labels, name)) continue;
      const value = labels[name];
      if (typeof value !== 'string') continue;
      const redacted = shown(value);
      if (redacted === value) continue;
      changed ??= { ...labels };
      changed[name] = redacted;
    }
    return changed ?? labels;
  }

  return (metric) => {
    /** Values of one histogram go on sharing one object of labels. */
    const known = new Map<SnapshotLabels | undefined, SnapshotLabels | undefined>([[undefined, undefined]]);
    const ofShared = (labels: SnapshotLabels | undefined) => {
      if (!known.has(labels)) known.set(labels, labelsShown(labels));
      return known.get(labels);
    };
    let isChanged = false;
    const values = metric.values.map((sample) => {
      const labels = labelsShown(sample.labels);
      const sharedLabels = ofShared(sample.sharedLabels);
      if (labels === sample.labels && sharedLabels === sample.sharedLabels) return sample;
      isChanged = true;
      return { ...sample, ...(labels && { labels }), ...(sharedLabels && { sharedLabels }) };
    });
    if (!isChanged) return metric;
    return joinSeries([{ scope: '', snapshot: { ...metric, values } }])[0] as MetricSnapshot;
  };
}
