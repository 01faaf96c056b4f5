import type { MetricSnapshot, MetricValue, SnapshotLabels } from '../instruments/metric-snapshot.js';
import { redactMessage } from '../redaction/attribute-redaction.js';
import { createSecretNames, redacted } from '../redaction/secret-names.js';
import { joinSeries } from './series-join.js';

/** Label values come again with every scrape; a service that makes them up must not fill the memory. */
const maxRemembered = 20_000;
const maxRememberedLength = 512;

export interface LabelRedaction {
  /** The metric without secrets; the same object if it has none. Series that are equal then become one. */
  redact(metric: MetricSnapshot): MetricSnapshot;
  /** Whether labels may be shown as they are. */
  isClean(labels: SnapshotLabels): boolean;
  exemplarShown(exemplar: NonNullable<MetricValue['exemplar']>): NonNullable<MetricValue['exemplar']>;
}

/**
 * Removes secrets from the values of labels, by the rules for log lines and spans: all of the value where the label has
 * the name of a secret, and otherwise what has the form of one.
 */
export function createLabelRedaction(): LabelRedaction {
  const remembered = new Map<string, string>();
  const isSecretName = createSecretNames();

  function shown(value: string): string {
    const known = remembered.get(value);
    if (known !== undefined) return known;
    const shownValue = redactMessage(value);
    if (value.length <= maxRememberedLength) {
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(value, shownValue);
    }
    return shownValue;
  }

  /** The same object if nothing is to be removed. */
  function labelsShown(labels: SnapshotLabels | undefined): SnapshotLabels | undefined {
    let changed: Record<string, string | number | undefined> | undefined;
    for (const name in labels) {
      if (!Object.hasOwn(labels, name)) continue;
      const value = labels[name];
      if (typeof value !== 'string') continue;
      const shownValue = value !== '' && isSecretName(name) ? redacted : shown(value);
      if (shownValue === value) continue;
      changed ??= { ...labels };
      changed[name] = shownValue;
    }
    return changed ?? labels;
  }

  /** The labels of an exemplar may be the service's own, beside the trace. */
  function exemplarShown(
    exemplar: NonNullable<MetricValue['exemplar']>,
  ): NonNullable<MetricValue['exemplar']> {
    let changed: Record<string, string | number | undefined> | undefined;
    const labels = exemplar.labelSet as SnapshotLabels;
    for (const name in labels) {
      const value = labels[name];
      // A trace is another one each time.
      if (typeof value !== 'string' || name === 'trace_id' || name === 'span_id') continue;
      const shownValue = isSecretName(name) ? redacted : redactMessage(value);
      if (shownValue === value) continue;
      changed ??= { ...labels };
      changed[name] = shownValue;
    }
    return changed ? { ...exemplar, labelSet: changed } : exemplar;
  }

  function redact(metric: MetricSnapshot): MetricSnapshot {
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
      const exemplar = sample.exemplar && exemplarShown(sample.exemplar);
      if (labels === sample.labels && sharedLabels === sample.sharedLabels && exemplar === sample.exemplar) {
        return sample;
      }
      isChanged = true;
      return {
        ...sample,
        ...(labels && { labels }),
        ...(sharedLabels && { sharedLabels }),
        ...(exemplar && { exemplar }),
      };
    });
    if (!isChanged) return metric;
    return joinSeries([{ scope: '', snapshot: { ...metric, values } }])[0] as MetricSnapshot;
  }

  return { redact, isClean: (labels) => labelsShown(labels) === labels, exemplarShown };
}
