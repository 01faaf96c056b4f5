import { emptyResource } from '@opentelemetry/resources';
import type { ObservabilityError } from '../errors.js';
import { exportReporter, observeBoth } from '../lifecycle/export-reporter.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { createMetricPush, type MetricPush } from '../providers.js';
import { version } from '../version.js';
import type { MetricSnapshot } from './exposition.js';
import { createOtlpPoints } from './otlp-points.js';
import type { SelfMetrics } from './self-metrics.js';

/**
 * Pushes all registries by OTLP, if the options ask for it; metrics of the OpenTelemetry API go the same way.
 *
 * @param isGiven `metrics.push` stands in code or in the config file
 */
export function startPush(
  { exporters, push }: ResolvedOptions['metrics'],
  isGiven: boolean,
  identityLabels: Readonly<Record<string, string>>,
  collect: () => Promise<readonly MetricSnapshot[]>,
  self: SelfMetrics,
  report: (error: ObservabilityError) => void,
): MetricPush | undefined {
  if (push === false || !(isGiven || exporters.includes('otlp'))) return undefined;
  const toMetricData = createOtlpPoints(identityLabels, push.temporality !== 'cumulative');
  const scope = { name: '@throughline/core', version };
  const producer = {
    async collect() {
      const metrics = toMetricData(await collect());
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] },
        errors: [],
      };
    },
  };
  return createMetricPush(
    push,
    identityLabels,
    producer,
    observeBoth(self.observerFor('metrics'), exportReporter('metric points', push.endpoint, report)),
  );
}
