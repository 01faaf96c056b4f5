import { ObservabilityError } from '../model/errors.js';
import { overflowLabel } from './series-limit.js';

/** Labels that something else puts on series. */
const takenLabels: ReadonlySet<string> = new Set(['le', 'quantile', overflowLabel]);

/** @throws {@link ObservabilityError} `OBS_METRIC_INVALID` for what Prometheus does not take, whatever its type */
export function checkDeclaration(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidMetric(
      'A metric is declared with an object: a name, a help text, and the names of its labels.',
    );
  }
  const { name, help, labelNames = [] } = options as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
    throw invalidMetric(`'${String(name)}' is no name for a Prometheus metric.`);
  }
  if (typeof help !== 'string' || help.trim() === '') {
    throw invalidMetric(`Metric '${name}' needs a help text.`);
  }
  if (!Array.isArray(labelNames)) throw invalidMetric(`labelNames of metric '${name}' must be a list.`);
  for (const [index, label] of labelNames.entries()) {
    if (
      typeof label !== 'string' ||
      !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ||
      label.startsWith('__') ||
      takenLabels.has(label)
    ) {
      throw invalidMetric(`'${String(label)}' is no name for a label of metric '${name}'.`);
    }
    if (labelNames.indexOf(label) !== index) {
      throw invalidMetric(`Metric '${name}' names the label '${label}' twice.`);
    }
  }
}

/** @throws {@link ObservabilityError} `OBS_METRIC_INVALID` */
export function checkBuckets(metric: string, buckets: unknown): void {
  const ascend =
    Array.isArray(buckets) &&
    buckets.every((bound, index) => Number.isFinite(bound) && bound > (buckets[index - 1] ?? -Infinity));
  if (!ascend) {
    throw invalidMetric(`The buckets of histogram '${metric}' must be a list of finite numbers that ascend.`);
  }
}

export function invalidMetric(detail: string): ObservabilityError {
  return new ObservabilityError('OBS_METRIC_INVALID', detail);
}
