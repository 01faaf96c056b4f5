import type { HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { MetricData, MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';

/** The parts of the SDK behind a reader that hold what was recorded. The SDK is bundled: they are of one version. */
interface ReaderParts {
  readonly _sdkMetricProducer?: CollectorParts;
}

interface CollectorParts {
  readonly _sharedState: { readonly meterSharedStates: ReadonlyMap<string, MeterParts> };
}

interface MeterParts {
  readonly _instrumentationScope: ScopeMetrics['scope'];
  readonly metricStorageRegistry: { getStorages(collector: CollectorParts): readonly MetricStorage[] };
}

interface MetricStorage {
  getInstrumentDescriptor(): { readonly type: string };
  collect(collector: CollectorParts, time: HrTime): MetricData | undefined;
}

/**
 * What was recorded through the OpenTelemetry metrics API, as a reader would collect it, for the end of the process,
 * where nobody can wait for a promise. Instruments with callbacks are left out: the SDK takes their values later.
 */
export function currentSdkMetrics(reader: MetricReader): ScopeMetrics[] {
  const collector = (reader as unknown as ReaderParts)._sdkMetricProducer;
  if (!collector) return [];
  const time = millisToHrTime(Date.now());
  return [...collector._sharedState.meterSharedStates.values()].flatMap((meter) => {
    const metrics = meter.metricStorageRegistry
      .getStorages(collector)
      .filter((storage) => !storage.getInstrumentDescriptor().type.startsWith('OBSERVABLE'))
      .flatMap((storage) => storage.collect(collector, time) ?? []);
    return metrics.length === 0 ? [] : [{ scope: meter._instrumentationScope, metrics }];
  });
}
