import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import {
  createCounter,
  createGauge,
  createHistogram,
  type MetricSettings,
} from '../instruments/instruments.js';
import type { Job } from './job.js';

/** From a quick task to a night, in seconds. */
const jobBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200];

/** How a run ended: `interrupted` if the process ended first. */
export type JobOutcome = 'success' | 'failure' | 'interrupted';

export interface JobMetrics {
  /** A run starts while another one of the job is running in this process. */
  overlapped(job: Job): void;
  ended(
    job: Job,
    outcome: JobOutcome,
    errorType: string | undefined,
    durationSeconds: number,
    span: Span,
  ): void;
}

/**
 * The metrics of jobs. The semantic conventions have none for them, so the names follow Prometheus' conventions:
 * https://prometheus.io/docs/practices/instrumentation/#batch-jobs
 */
export function createJobMetrics(
  registry: Registry,
  settings: MetricSettings,
  jobs: Iterable<Job>,
): JobMetrics {
  const labelNames = ['job_name'];
  const recordRun = createHistogram(registry, settings, {
    name: 'job_duration_seconds',
    help: 'Duration of the runs of jobs.',
    labelNames: ['job_name', 'job_outcome', 'error_type'],
    buckets: jobBuckets,
  });
  const recordOverlap = createCounter(registry, settings, {
    name: 'job_overlapping_runs_total',
    help: 'Runs that started while another run of the same job was in progress in this process.',
    labelNames,
  });
  createGauge(registry, settings, {
    name: 'job_active_runs',
    help: 'Runs of jobs in progress.',
    labelNames,
    collect(gauge) {
      for (const { label, activeRuns } of jobs) gauge.set({ job_name: label }, activeRuns);
    },
  });
  createGauge(registry, settings, {
    name: 'job_last_success_timestamp_seconds',
    help: 'When the job last succeeded, as Unix time.',
    labelNames,
    aggregator: 'max',
    collect(gauge) {
      for (const { label, lastSuccessSeconds } of jobs) {
        if (lastSuccessSeconds !== undefined) gauge.set({ job_name: label }, lastSuccessSeconds);
      }
    },
  });
  createGauge(registry, settings, {
    name: 'job_expected_interval_seconds',
    help: 'Longest usual time between two successes of the job, as its code says.',
    labelNames,
    aggregator: 'max',
    collect(gauge) {
      for (const { label, expectedIntervalSeconds } of jobs) {
        if (expectedIntervalSeconds !== undefined) gauge.set({ job_name: label }, expectedIntervalSeconds);
      }
    },
  });
  createGauge(registry, settings, {
    name: 'job_observed_since_timestamp_seconds',
    help: 'Since when this process can run the job, as Unix time.',
    labelNames,
    aggregator: 'min',
    collect(gauge) {
      for (const { label, observedSinceSeconds } of jobs) {
        gauge.set({ job_name: label }, observedSinceSeconds);
      }
    },
  });

  return {
    overlapped: ({ label }) => recordOverlap(1, undefined, label),
    ended: ({ label }, outcome, errorType, durationSeconds, span) =>
      recordRun(durationSeconds, span, label, outcome, errorType),
  };
}
