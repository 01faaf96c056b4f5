import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type ContractRule, contractRules } from '../contract/breaches.js';
import type { ExportObserver } from '../lifecycle/counted-queue.js';
import { version } from '../version.js';

type Signal = 'traces' | 'logs';

/** The health of the telemetry itself. */
export interface SelfMetrics {
  /** Counts what happens to spans or log records on their way to the backend. */
  observerFor(signal: Signal): ExportObserver;
  /** A value went to the overflow series of a metric. */
  overflowed(metric: string): void;
  /** The contract was broken once. */
  contractViolated(rule: ContractRule): void;
}

/**
 * `throughline_spans_total`, `throughline_log_records_total`, `throughline_export_duration_seconds`,
 * `throughline_series_overflow_total`, `throughline_info` and, with a contract, `throughline_contract_violations_total`.
 */
export function createSelfMetrics(registry: Registry, hasContract: boolean): SelfMetrics {
  const counters: Record<Signal, Counter<'result'>> = {
    traces: new Counter({
      name: 'throughline_spans_total',
      help: 'Finished spans by what became of them: exported, dropped (queue full) or failed (export failed).',
      labelNames: ['result'],
      registers: [registry],
    }),
    logs: new Counter({
      name: 'throughline_log_records_total',
      help: 'Log records sent by OTLP, by what became of them: exported, dropped (queue full) or failed (export failed).',
      labelNames: ['result'],
      registers: [registry],
    }),
  };
  const exportDuration = new Histogram({
    name: 'throughline_export_duration_seconds',
    help: 'Duration of one export of telemetry, retries included.',
    labelNames: ['signal'],
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [registry],
  });
  const overflow = new Counter({
    name: 'throughline_series_overflow_total',
    help: 'Values that went to the overflow series of a metric because it has reached its limit of series.',
    labelNames: ['metric'],
    registers: [registry],
  });
  const violations = hasContract
    ? new Counter({
        name: 'throughline_contract_violations_total',
        help: 'Breaches of the contract: distinct ones of identity and metrics, and log lines without a required field.',
        labelNames: ['rule'],
        registers: [registry],
      })
    : undefined;
  // Present from the start, so that an increase shows from the first breach on.
  for (const rule of contractRules) violations?.inc({ rule }, 0);
  new Gauge({
    name: 'throughline_info',
    help: 'Version of Throughline in this process.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);

  return {
    overflowed: (metric) => overflow.inc({ metric }),
    contractViolated: (rule) => violations?.inc({ rule }),
    observerFor(signal) {
      const counter = counters[signal];
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
    },
  };
}
