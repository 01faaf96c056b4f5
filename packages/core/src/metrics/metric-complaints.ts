import { ObservabilityError } from '../errors.js';

/** Says once per metric what is wrong with its values; the counts are in the metrics themselves. */
export function metricComplaints(report: (error: ObservabilityError) => void) {
  const said = new Set<string>();
  const once = (key: string, error: () => ObservabilityError) => {
    if (said.has(key)) return;
    said.add(key);
    report(error());
  };
  return {
    overflowed(metric: string) {
      once(
        `overflow ${metric}`,
        () =>
          new ObservabilityError(
            'OBS_METRIC_OVERFLOW',
            `Metric '${metric}' has reached its limit of series.`,
          ),
      );
    },
    rejected(metric: string, reason: string) {
      once(
        `rejected ${metric}`,
        () =>
          new ObservabilityError(
            'OBS_METRIC_VALUE_REJECTED',
            `A value of metric '${metric}' was left out: ${reason}.`,
          ),
      );
    },
  };
}
