import { ObservabilityError } from '../model/errors.js';
import { shownValue } from '../model/foreign-error.js';
import { overflowLabel } from './series-limit.js';

/** Labels that Prometheus or Throughline adds to series. */
const takenLabels: ReadonlySet<string> = new Set(['le', 'quantile', overflowLabel]);

/** @throws ObservabilityError `OBS_METRIC_INVALID` for a declaration that Prometheus does not accept, of any type */
export function checkDeclaration(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidMetric(
      'Declare a metric with an object that has a name, a help text and the names of its labels.',
    );
  }
  const { name, help, labelNames = [] } = options as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
    throw invalidMetric(`'${shownValue(name)}' is not a valid name for a Prometheus metric.`);
  }
  if (typeof help !== 'string' || help.trim() === '') {
    throw invalidMetric(`Metric '${name}' needs a help text.`);
  }
  if (!Array.isArray(labelNames)) throw invalidMetric(`labelNames of metric '${name}' must be an array.`);
  for (const [index, label] of labelNames.entries()) {
    if (
      typeof label !== 'string' ||
      !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ||
      label.startsWith('__') ||
      takenLabels.has(label)
    ) {
      throw invalidMetric(`'${shownValue(label)}' is not a valid label name for metric '${name}'.`);
    }
    if (labelNames.indexOf(label) !== index) {
      throw invalidMetric(`Metric '${name}' names the label '${label}' twice.`);
    }
  }
}

/** @throws ObservabilityError `OBS_METRIC_INVALID` */
export function checkBuckets(metric: string, buckets: unknown): void {
  const ascend =
    Array.isArray(buckets) &&
    buckets.every((bound, index) => Number.isFinite(bound) && bound > (buckets[index - 1] ?? -Infinity));
  if (!ascend) {
    throw invalidMetric(
      `The buckets of histogram '${metric}' must be an array of finite numbers in ascending order.`,
    );
  }
}

export function invalidMetric(detail: string): ObservabilityError {
  return new ObservabilityError('OBS_METRIC_INVALID', detail);
}
