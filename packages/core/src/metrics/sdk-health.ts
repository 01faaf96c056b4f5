import type { Registry } from 'prom-client';
import { type AnnotationRejection, annotationRejections } from '../annotations/annotate.js';
import { type ContractRule, contractRules } from '../contract/breaches.js';
import type { ExportObserver } from '../export/counted-queue.js';
import { SeriesCounter } from '../instruments/series-counter.js';
import { SeriesGauge } from '../instruments/series-gauge.js';
import { SeriesHistogram } from '../instruments/series-histogram.js';
import { type MetricDescription, registerMetric } from '../instruments/series-metric.js';
import type { Signal } from '../model/signal.js';
import { version } from '../model/version.js';
import { type TailObserver, tailResults } from '../recorder/tail/tail-sampler.js';

/** Why processes could not answer a scrape together: the label `reason` of `throughline_cluster_failures_total`. */
const clusterFailures = ['member_silent', 'leader_silent', 'place_unusable', 'state_unusable'] as const;
export type ClusterFailure = (typeof clusterFailures)[number];

/** Metrics about the telemetry itself. */
export interface SdkHealth {
  /** Counts the results of exporting spans or log records. */
  observerFor(signal: Signal): ExportObserver;
  /** Flood control kept log lines back. */
  suppressed(lines: number): void;
  /** A value went to the overflow series of a metric. */
  overflowed(metric: string): void;
  /** The contract was broken once. */
  contractViolated(rule: ContractRule): void;
  /** A value that a metric cannot record was dropped. */
  rejected(metric: string): void;
  /** An annotation was not recorded. */
  annotationRejected(reason: AnnotationRejection): void;
  /** A metric was left out of a scrape. */
  collectFailed(metric: string): void;
  /** Counts what became of traces that waited for a decision. Exists only where traces wait. */
  heldTraces(): TailObserver;
  /** Counts what became of profiles. Exists only where profiles are sent. */
  profiles(): ExportObserver;
  /** Counts why processes of a cluster could not answer together. Exists only in a cluster. */
  clusterFailures(): (reason: ClusterFailure) => void;
}

/** The label of most has a few known values. Names of metrics come from the service. */
const limits = { maxSeriesPerMetric: 2_000, overflowed() {} };

/**
 * `throughline_spans_total`, `throughline_log_records_total`, `throughline_export_duration_seconds`,
 * `throughline_series_overflow_total`, `throughline_rejected_values_total`, `throughline_rejected_annotations_total`, `throughline_collect_failures_total`, `throughline_info` and, with a contract,
 * `throughline_contract_violations_total`.
 */
export function createSdkHealth(registry: Registry, hasContract: boolean): SdkHealth {
  const declareCounter = (description: MetricDescription) => {
    const declared = new SeriesCounter(description, limits);
    registerMetric(registry, declared);
    return declared;
  };
  const counters = {
    traces: declareCounter({
      name: 'throughline_spans_total',
      help: 'Finished spans by result: exported, dropped (queue full) or failed (export failed).',
      labelNames: ['result'],
    }),
    logs: declareCounter({
      name: 'throughline_log_records_total',
      help: 'Log records sent by OTLP or to files, by result: exported, dropped (queue full), failed, or suppressed (by flood control).',
      labelNames: ['result'],
    }),
  };
  /** Only where metrics are pushed. */
  const pushedPoints = () =>
    declareCounter({
      name: 'throughline_metric_points_total',
      help: 'Data points of metrics pushed by OTLP, by result: exported, dropped (not a finite number) or failed (export failed).',
      labelNames: ['result'],
    });
  const exportDuration = new SeriesHistogram(
    {
      name: 'throughline_export_duration_seconds',
      help: 'Duration of one export of telemetry, retries included.',
      labelNames: ['signal'],
      buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    },
    limits,
  );
  registerMetric(registry, exportDuration);
  const overflow = declareCounter({
    name: 'throughline_series_overflow_total',
    help: 'Values recorded in the overflow series of a metric because the metric has reached its limit of series.',
    labelNames: ['metric'],
  });
  const rejectedValues = declareCounter({
    name: 'throughline_rejected_values_total',
    help: 'Values that were dropped because a metric cannot record them, such as NaN or a negative value for a counter.',
    labelNames: ['metric'],
  });
  const rejectedAnnotations = declareCounter({
    name: 'throughline_rejected_annotations_total',
    help: 'Annotations that were not recorded, by reason: name, contract, value, limit, outside (of any request, message or job) or late (it had ended).',
    labelNames: ['reason'],
  });
  for (const reason of annotationRejections) rejectedAnnotations.add({ reason }, 0);
  const violations = hasContract
    ? declareCounter({
        name: 'throughline_contract_violations_total',
        help: 'Breaches of the contract: each distinct breach by the identity or a metric, and each log line without a required field.',
        labelNames: ['rule'],
      })
    : undefined;
  // Present from the start, so that an increase shows from the first breach on.
  for (const rule of contractRules) violations?.add({ rule }, 0);
  const collectFailures = declareCounter({
    name: 'throughline_collect_failures_total',
    help: 'Times that a metric was left out of a scrape because its collect callback threw or did not finish in time.',
    labelNames: ['metric'],
  });
  const info = new SeriesGauge(
    {
      name: 'throughline_info',
      help: 'Version of Throughline in this process.',
      labelNames: ['version'],
      aggregator: 'max',
    },
    limits,
  );
  registerMetric(registry, info);
  info.set({ version }, 1);

  const observe = (results: SeriesCounter, signal: Signal | 'profiles'): ExportObserver => {
    // Present from the start, so that a rate over them is right from the first failure on.
    for (const result of ['exported', 'dropped', 'failed']) results.add({ result }, 0);
    return {
      exported(count, durationSeconds) {
        results.add({ result: 'exported' }, count);
        exportDuration.observe({ signal }, durationSeconds, undefined);
      },
      failed(count, durationSeconds) {
        results.add({ result: 'failed' }, count);
        exportDuration.observe({ signal }, durationSeconds, undefined);
      },
      dropped(count) {
        results.add({ result: 'dropped' }, count);
      },
    };
  };
  let profiles: ExportObserver | undefined;
  let held: TailObserver | undefined;
  const countHeldTraces = (): TailObserver => {
    const decisions = declareCounter({
      name: 'throughline_held_traces_total',
      help: 'Traces that the sampler did not take, by what became of the spans of this process: kept_error, kept_slow, discarded, overflow (no room left) or rate_limited.',
      labelNames: ['result'],
    });
    for (const result of tailResults) decisions.add({ result }, 0);
    return {
      decided: (result) => decisions.add({ result }, 1),
      dropped: (spans) => counters.traces.add({ result: 'dropped' }, spans),
    };
  };

  return {
    heldTraces() {
      held ??= countHeldTraces();
      return held;
    },
    suppressed: (lines) => counters.logs.add({ result: 'suppressed' }, lines),
    overflowed: (metric) => overflow.add({ metric }, 1),
    rejected: (metric) => rejectedValues.add({ metric }, 1),
    annotationRejected: (reason) => rejectedAnnotations.add({ reason }, 1),
    contractViolated: (rule) => violations?.add({ rule }, 1),
    collectFailed: (metric) => collectFailures.add({ metric }, 1),
    clusterFailures() {
      const failures = declareCounter({
        name: 'throughline_cluster_failures_total',
        help: 'Times that the processes and threads of the service could not answer a scrape together, by reason.',
        labelNames: ['reason'],
      });
      for (const reason of clusterFailures) failures.add({ reason }, 0);
      return (reason) => failures.add({ reason }, 1);
    },
    profiles() {
      profiles ??= observe(
        declareCounter({
          name: 'throughline_profiles_total',
          help: 'Profiles by result: exported, dropped (too many waited) or failed (export failed).',
          labelNames: ['result'],
        }),
        'profiles',
      );
      return profiles;
    },
    observerFor: (signal) => observe(signal === 'metrics' ? pushedPoints() : counters[signal], signal),
  };
}
