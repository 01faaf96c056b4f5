import { emptyResource } from '@opentelemetry/resources';
import { type ExportReporter, exportReporter, observeBoth } from '../export/export-reporter.js';
import { createMetricPush, type MetricPush } from '../export/metric-push.js';
import { createResource } from '../export/providers.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import type { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { createOtlpPoints, pushScope, withExemplars } from './otlp-points.js';
import { type LeftOut, outgoingMetrics } from './pushed-metrics.js';
import type { SdkHealth } from './sdk-health.js';

/**
 * Whether the options ask for pushed metrics.
 *
 * @param isGiven whether `metrics.push` is set in code or in the config file
 */
export function asksForPush(
  { exporters, push }: Pick<ResolvedOptions['metrics'], 'exporters' | 'push'>,
  isGiven: boolean,
): boolean {
  return push !== false && (isGiven || exporters.includes('otlp'));
}

/**
 * Pushes all registries by OTLP, if the options ask for it; metrics of the OpenTelemetry API go the same way.
 *
 * @param isGiven whether `metrics.push` is set in code or in the config file
 */
export function startPush(
  { exporters, push }: ResolvedOptions['metrics'],
  isGiven: boolean,
  identity: Identity,
  identityLabels: Readonly<Record<string, string>>,
  collect: () => Promise<readonly MetricSnapshot[]>,
  collectNow: () => readonly MetricSnapshot[],
  sdkHealth: SdkHealth,
  report: (error: ObservabilityError) => void,
  rejected: (metric: string, reason: string) => void,
): (MetricPush & Pick<ExportReporter, 'hasFailed' | 'sayLoss'>) | undefined {
  if (push === false || !asksForPush({ exporters, push }, isGiven)) return undefined;
  const points = createOtlpPoints(identityLabels, push.temporality !== 'cumulative');
  const producer = {
    async collect() {
      const metrics = await points.convert(await collect());
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: pushScope, metrics }] },
        errors: [],
      };
    },
  };
  const observer = sdkHealth.observerFor('metrics');
  const leftOut: LeftOut = (metric, value) => {
    if (Number.isNaN(value) && emptyWhenReadTwice.test(metric)) return;
    observer.dropped(1);
    rejected(metric, `it is ${value}, which cannot be pushed`);
  };
  const reporter = exportReporter({ what: 'metric points', target: push.endpoint, report });
  const pushed = createMetricPush({
    options: push,
    resourceOf: () => createResource(identity),
    producer,
    current: () => [{ scope: pushScope, metrics: points.convertNow(collectNow()) }],
    outgoing: (metrics) => outgoingMetrics(metrics, identityLabels, leftOut),
    withExemplars,
    observer: observeBoth(observer, reporter),
  });
  return {
    ...pushed,
    hurry(longestMillis) {
      reporter.hurry();
      pushed.hurry(longestMillis);
    },
    abandon() {
      pushed.abandon();
      reporter.stop();
    },
    hasFailed: reporter.hasFailed,
    sayLoss: reporter.sayLoss,
  };
}

/**
 * prom-client's gauges of the event loop. Each reading resets them, so right after a scrape they have no measurement yet.
 * That is not a mistake of the service.
 */
const emptyWhenReadTwice = /^nodejs_eventloop_lag_/;
