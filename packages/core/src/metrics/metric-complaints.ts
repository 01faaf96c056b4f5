import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import type { CollectComplaints } from './collect.js';
import type { SdkHealth } from './sdk-health.js';

/** Reports each problem of a metric once. How often it happens is counted in Throughline's own metrics. */
export function metricComplaints(report: (error: ObservabilityError) => void, sdkHealth: SdkHealth) {
  const said = new Set<string>();
  const once = (key: string, error: () => ObservabilityError) => {
    if (said.has(key)) return;
    said.add(key);
    report(error());
  };
  const collecting: CollectComplaints = {
    collectFailed(metric, cause) {
      sdkHealth.collectFailed(metric);
      const reason = errorReason(cause);
      once(
        `collect ${metric}`,
        () =>
          new ObservabilityError(
            'OBS_METRICS_COLLECT_FAILED',
            `Metric '${metric}' could not be collected: ${reason}.`,
            { cause },
          ),
      );
    },
    conflicting(metric, detail) {
      once(
        `conflict ${metric}`,
        () =>
          new ObservabilityError(
            'OBS_METRIC_CONFLICT',
            `Metric '${metric}' exists twice, ${detail}. Only one is served.`,
          ),
      );
    },
  };
  const leftOut = (metric: string, reason: string) =>
    once(
      `left out ${metric}`,
      () =>
        new ObservabilityError(
          'OBS_METRIC_VALUE_REJECTED',
          `A value of metric '${metric}' was dropped: ${reason}.`,
        ),
    );
  return {
    ...collecting,
    overflowed(metric: string) {
      sdkHealth.overflowed(metric);
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
      sdkHealth.rejected(metric);
      leftOut(metric, reason);
    },
    /** A metric of the service was called in a wrong way. */
    misused(metric: string, mistake: string, detail: () => string, isLost: boolean) {
      if (isLost) sdkHealth.rejected(metric);
      once(
        `misused ${metric} ${mistake}`,
        () => new ObservabilityError('OBS_METRIC_CALL_INVALID', `Metric '${metric}': ${detail()}.`),
      );
    },
    /** A value is part of scrapes but cannot be pushed. The push counts it. */
    unpushable: leftOut,
  };
}
