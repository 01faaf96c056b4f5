import { isMainThread } from 'node:worker_threads';
import { controlPath } from '../control/control-handler.js';
import type { LiveSettings } from '../control/live-settings.js';
import { listenForScrapes, type ServedAt } from '../lifecycle/endpoint-server.js';
import { type HealthChecks, type HealthKind, healthHandler } from '../lifecycle/health.js';
import type { MetricPipeline } from '../metrics/metric-pipeline.js';
import type { ClusterFailure } from '../metrics/sdk-health.js';
import type { ObservabilityError } from '../model/errors.js';
import type { Identity } from '../model/identity.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { workerLabel } from './metric-merge.js';
import { type AnswerForAll, answerForAll } from './process-group-scrape.js';

interface ServedParts {
  readonly options: ResolvedOptions;
  readonly identity: Identity;
  readonly metrics: MetricPipeline;
  readonly health: HealthChecks;
  readonly live: LiveSettings;
  readonly report: (error: ObservabilityError) => void;
}

export interface ServedMetrics extends Pick<AnswerForAll, 'flush' | 'stop' | 'leaveCounts'> {
  /** As {@link AnswerForAll.ready}; undefined if the options turn the endpoint off. */
  readonly ready: Promise<ServedAt | undefined>;
}

/** Serves metrics and health. If the service has several processes or threads, it answers for all of them. */
export function serveMetrics({
  options,
  identity,
  metrics,
  health,
  live,
  report,
}: ServedParts): ServedMetrics {
  const { endpoint, cluster, exporters, maxSeriesPerMetric } = options.metrics;
  const isScraped = exporters.includes('prometheus');
  let together: AnswerForAll | undefined;
  const healthOf = (kind: HealthKind) =>
    healthHandler(() => (together ? together.health(kind) : health.report(kind)));
  const listen =
    isScraped && endpoint
      ? (say: (error: ObservabilityError) => void) =>
          listenForScrapes(
            endpoint,
            {
              [endpoint.path]: metrics.handler,
              '/livez': healthOf('liveness'),
              '/readyz': healthOf('readiness'),
            },
            say,
            options.control.token === undefined ? undefined : { path: controlPath, handler: live.handler },
          )
      : undefined;

  if (!isScraped || !cluster) {
    // A worker thread cannot have the port that its main thread has.
    const listening = isMainThread ? listen?.(report) : undefined;
    return {
      ready: Promise.resolve(listening),
      flush: async () => {},
      leaveCounts() {},
      stop: async () => (await listening)?.close(),
    };
  }

  const said = new Set<ClusterFailure>();
  let count: ((reason: ClusterFailure) => void) | undefined;
  together = answerForAll({
    options: options.metrics,
    identity,
    collect: metrics.collect,
    collectNow: metrics.collectNow,
    health: health.report,
    change: live.apply,
    listen,
    settings: {
      maxSeriesPerMetric,
      overflowed: metrics.complaints.overflowed,
      conflicting: metrics.complaints.conflicting,
      hasWorkerLabel: !metrics.contracted.drops(workerLabel),
    },
    joining() {
      count ??= metrics.sdkHealth.clusterFailures();
    },
    complain(reason, error) {
      count?.(reason);
      if (said.has(reason)) return;
      said.add(reason);
      report(error());
    },
    report,
  });
  metrics.answerWith(together.collect);
  live.onChange(together.tell);
  return together;
}
