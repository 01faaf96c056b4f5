/** Longest label value; what is longer is cut, and ends in `…`. */
export const maxLabelValueLength = 256;

/** Label of the one series that stands for all beyond the limit; OpenTelemetry's name for it. */
export const overflowLabel = 'otel_metric_overflow';

export type LabelValues = Record<string, string>;

/** Lets a bounded number of label sets through; all others become the overflow series. */
export type LimitLabels = (labels: LabelValues) => LabelValues;

const overflow: LabelValues = Object.freeze({ [overflowLabel]: 'true' });

/**
 * Keeps one metric's series bounded, whatever values come: a hostile Host header or a label with user ids cannot
 * fill the memory of this process, nor the database behind it.
 *
 * @param labelNames in the order of which a set is recognised
 * @param onOverflow called for every value that goes to the overflow series
 */
export function limitLabelSets(
  labelNames: readonly string[],
  maxSeries: number,
  onOverflow: () => void,
): LimitLabels {
  const known = new Set<string>();
  return (labels) => {
    let key = '';
    for (const name of labelNames) {
      const value = labels[name];
      if (value !== undefined && value.length > maxLabelValueLength) {
        labels[name] = `${value.slice(0, maxLabelValueLength - 1)}…`;
      }
      key += `${labels[name] ?? ''}\u0000`;
    }
    if (known.has(key)) return labels;
    if (known.size >= maxSeries) {
      onOverflow();
      return overflow;
    }
    known.add(key);
    return labels;
  };
}
