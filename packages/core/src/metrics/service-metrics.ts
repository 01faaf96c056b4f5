import { collectDefaultMetrics, register as defaultRegistry } from 'prom-client';
import { createBreachRecord } from '../contract/breach-record.js';
import type { ObservabilityError } from '../errors.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { collectMetrics } from './collect.js';
import type { ContractAtStart } from './contract-at-start.js';
import { contractMetrics } from './contracted-metrics.js';
import type { CustomMetrics } from './custom-metrics.js';
import { createDatabaseMetrics, type DatabaseMetrics } from './database-metrics.js';
import { createMetricsHandler } from './endpoint.js';
import { negotiateFormat, openMetricsContentType, renderMetrics, textContentType } from './exposition.js';
import { createHttpMetrics } from './http-metrics.js';
import { createMessagingMetrics, type MessagingMetrics } from './messaging-metrics.js';
import { metricComplaints } from './metric-complaints.js';
import { createOtelMetrics } from './otel-metrics.js';
import { createRegistry } from './registry.js';
import { createSelfMetrics } from './self-metrics.js';

/** All metrics of one instance: Throughline's own, the service's, and the scrape that joins them. */
export function startMetrics(
  options: ResolvedOptions['metrics'],
  labels: Readonly<Record<string, string>>,
  { contract, breaches }: Pick<ContractAtStart, 'contract' | 'breaches'>,
  custom: CustomMetrics,
  report: (error: ObservabilityError) => void,
) {
  const registry = createRegistry();
  if (options.runtime) collectDefaultMetrics({ register: registry });
  const self = createSelfMetrics(registry, contract !== undefined);
  const breachRecord = createBreachRecord(breaches, self.contractViolated, report);
  const contracted = contractMetrics(contract, breachRecord);
  const complaints = metricComplaints(report);
  const settings = {
    exemplars: options.exemplars,
    maxSeriesPerMetric: options.maxSeriesPerMetric,
    overflowed(metric: string) {
      self.overflowed(metric);
      complaints.overflowed(metric);
    },
    rejected: complaints.rejected,
    contract: contracted,
  };
  custom.connect(settings);
  const otel = createOtelMetrics(contracted);

  const render = async (accept?: string) => {
    const format = negotiateFormat(accept);
    const metrics = await collectMetrics(
      [registry, custom.registry, defaultRegistry, ...options.registries],
      report,
      otel.collect(),
    );
    return {
      contentType: format === 'openmetrics' ? openMetricsContentType : textContentType,
      body: renderMetrics(contracted.enforce(metrics), labels, format),
    };
  };

  let databases: DatabaseMetrics | undefined;
  let messaging: MessagingMetrics | undefined;
  return {
    registry,
    self,
    /** Where breaches of the contract at run time are counted. */
    breachRecord,
    http: createHttpMetrics(registry, settings),
    // Metrics of what a service does not use would be noise in its answers.
    get databases() {
      databases ??= createDatabaseMetrics(registry, settings);
      return databases;
    },
    get messaging() {
      messaging ??= createMessagingMetrics(registry, settings);
      return messaging;
    },
    otel,
    render,
    handler: createMetricsHandler(render, options.endpoint ? options.endpoint.token : undefined),
    /** It answers no scrape from then on. */
    async stop() {
      await otel.shutdown();
      custom.connect(undefined);
    },
  };
}
