import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type AnnotationRejection, annotationRejections } from '../annotations/annotate.js';
import { type ContractRule, contractRules } from '../contract/breaches.js';
import type { ExportObserver } from '../export/counted-queue.js';
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

/**
 * `throughline_spans_total`, `throughline_log_records_total`, `throughline_export_duration_seconds`,
 * `throughline_series_overflow_total`, `throughline_rejected_values_total`, `throughline_rejected_annotations_total`, `throughline_collect_failures_total`, `throughline_info` and, with a contract,
 * `throughline_contract_violations_total`.
 */
export function createSdkHealth(registry: Registry, hasContract: boolean): SdkHealth {
  const counters = {
    traces: new Counter({
      name: 'throughline_spans_total',
      help: 'Finished spans by result: exported, dropped (queue full) or failed (export failed).',
      labelNames: ['result'],
      registers: [registry],
    }),
    logs: new Counter({
      name: 'throughline_log_records_total',
      help: 'Log records sent by OTLP or to files, by result: exported, dropped (queue full), failed, or suppressed (by flood control).',
      labelNames: ['result'],
      registers: [registry],
    }),
  };
  /** Only where metrics are pushed. */
  const pushedPoints = () =>
    new Counter({
      name: 'throughline_metric_points_total',
      help: 'Data points of metrics pushed by OTLP, by result: exported, dropped (not a finite number) or failed (export failed).',
      labelNames: ['result'],
      registers: [registry],
    });
  const exportDuration = new Histogram({
    name: 'throughline_export_duration_seconds',
    help: 'Duration of one export of telemetry, retries included.',
    labelNames: ['signal'],
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [registry],
  });
  const overflow = new Counter({
    name: 'throughline_series_overflow_total',
    help: 'Values recorded in the overflow series of a metric because the metric has reached its limit of series.',
    labelNames: ['metric'],
    registers: [registry],
  });
  const rejectedValues = new Counter({
    name: 'throughline_rejected_values_total',
    help: 'Values that were dropped because a metric cannot record them, such as NaN or a negative value for a counter.',
    labelNames: ['metric'],
    registers: [registry],
  });
  const rejectedAnnotations = new Counter({
    name: 'throughline_rejected_annotations_total',
    help: 'Annotations that were not recorded, by reason: name, contract, value, limit, outside (of any request, message or job) or late (it had ended).',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of annotationRejections) rejectedAnnotations.inc({ reason }, 0);
  const violations = hasContract
    ? new Counter({
        name: 'throughline_contract_violations_total',
        help: 'Breaches of the contract: each distinct breach by the identity or a metric, and each log line without a required field.',
        labelNames: ['rule'],
        registers: [registry],
      })
    : undefined;
  // Present from the start, so that an increase shows from the first breach on.
  for (const rule of contractRules) violations?.inc({ rule }, 0);
  const collectFailures = new Counter({
    name: 'throughline_collect_failures_total',
    help: 'Times that a metric was left out of a scrape because its collect callback threw or did not finish in time.',
    labelNames: ['metric'],
    registers: [registry],
  });
  new Gauge({
    name: 'throughline_info',
    help: 'Version of Throughline in this process.',
    labelNames: ['version'],
    aggregator: 'max',
    registers: [registry],
  }).set({ version }, 1);

  const observe = (counter: Counter<'result'>, signal: Signal | 'profiles'): ExportObserver => {
    // Present from the start, so that a rate over them is right from the first failure on.
    for (const result of ['exported', 'dropped', 'failed']) counter.inc({ result }, 0);
    return {
      exported(count, durationSeconds) {
        counter.inc({ result: 'exported' }, count);
        exportDuration.observe({ signal }, durationSeconds);
      },
      failed(count, durationSeconds) {
        counter.inc({ result: 'failed' }, count);
        exportDuration.observe({ signal }, durationSeconds);
      },
      dropped(count) {
        counter.inc({ result: 'dropped' }, count);
      },
    };
  };
  let profiles: ExportObserver | undefined;
  let held: TailObserver | undefined;
  const countHeldTraces = (): TailObserver => {
    const decisions = new Counter({
      name: 'throughline_held_traces_total',
      help: 'Traces that the sampler did not take, by what became of the spans of this process: kept_error, kept_slow, discarded, overflow (no room left) or rate_limited.',
      labelNames: ['result'],
      registers: [registry],
    });
    for (const result of tailResults) decisions.inc({ result }, 0);
    return {
      decided: (result) => decisions.inc({ result }),
      dropped: (spans) => counters.traces.inc({ result: 'dropped' }, spans),
    };
  };

  return {
    heldTraces() {
      held ??= countHeldTraces();
      return held;
    },
    suppressed: (lines) => counters.logs.inc({ result: 'suppressed' }, lines),
    overflowed: (metric) => overflow.inc({ metric }),
    rejected: (metric) => rejectedValues.inc({ metric }),
    annotationRejected: (reason) => rejectedAnnotations.inc({ reason }),
    contractViolated: (rule) => violations?.inc({ rule }),
    collectFailed: (metric) => collectFailures.inc({ metric }),
    clusterFailures() {
      const failures = new Counter({
        name: 'throughline_cluster_failures_total',
        help: 'Times that the processes and threads of the service could not answer a scrape together, by reason.',
        labelNames: ['reason'],
        registers: [registry],
      });
      for (const reason of clusterFailures) failures.inc({ reason }, 0);
      return (reason) => failures.inc({ reason });
    },
    profiles() {
      profiles ??= observe(
        new Counter({
          name: 'throughline_profiles_total',
          help: 'Profiles by result: exported, dropped (too many waited) or failed (export failed).',
          labelNames: ['result'],
          registers: [registry],
        }),
        'profiles',
      );
      return profiles;
    },
    observerFor: (signal) => observe(signal === 'metrics' ? pushedPoints() : counters[signal], signal),
  };
}
