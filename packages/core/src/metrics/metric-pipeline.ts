import { collectDefaultMetrics } from 'prom-client';
import { createBreachRecord } from '../contract/breach-record.js';
import { createMeterProvider } from '../export/providers.js';
import type { MetricSnapshot } from '../instruments/metric-snapshot.js';
import { createRegistry } from '../instruments/registry.js';
import type { ObservabilityError } from '../model/errors.js';
import { type Identity, identityLabels } from '../model/identity.js';
import type { ResolveResult } from '../options/resolve.js';
import type { LoadWatch } from '../patching/module-load.js';
import { startPace } from '../timing/pace.js';
import type { ApplicationMetrics } from './application-metrics.js';
import { ClientRegistries, oldClients } from './client-registries.js';
import { type CollectMetrics, type CollectSettings, collectNow, createCollector } from './collect.js';
import type { ContractAtStart } from './contract-at-start.js';
import { contractMetrics } from './contract-enforcement.js';
import { createMetricsHandler } from './endpoint.js';
import {
  type ExpositionFormat,
  negotiateFormat,
  openMetricsContentType,
  textContentType,
  writeMetrics,
} from './exposition.js';
import { metricComplaints } from './metric-complaints.js';
import { createOtelMetrics } from './otel-metrics.js';
import { startPush } from './push.js';
import { createLabelRedaction } from './redacted-labels.js';
import { keepApart } from './runtime-metrics.js';
import { createSdkHealth } from './sdk-health.js';
import { SeriesTexts } from './series-texts.js';
import { targetInfo, targetInfoName } from './target-info.js';

/** All metrics of one instance: Throughline's own, the service's, and the scrape that joins them. */
export function startMetrics(
  { options, sources }: Pick<ResolveResult, 'options' | 'sources'>,
  identity: Identity,
  { contract, breaches }: Pick<ContractAtStart, 'contract' | 'breaches'>,
  application: ApplicationMetrics,
  report: (error: ObservabilityError) => void,
) {
  const { metrics: metricOptions, traces } = options;
  const labels = identityLabels(identity);
  const registry = createRegistry();
  if (metricOptions.runtime) {
    collectDefaultMetrics({ register: registry });
    keepApart(registry);
  }
  const sdkHealth = createSdkHealth(registry, contract !== undefined);
  const breachRecord = createBreachRecord(breaches, sdkHealth.contractViolated, report);
  const contracted = contractMetrics(contract, breachRecord);
  const complaints = metricComplaints(report, sdkHealth);
  const settings = {
    // An exemplar of a trace that is not exported would be misleading.
    exemplars: metricOptions.exemplars && traces.exporter !== 'none',
    maxSeriesPerMetric: metricOptions.maxSeriesPerMetric,
    overflowed: complaints.overflowed,
    rejected: complaints.rejected,
    misused: complaints.misused,
    contract: contracted,
  };
  application.connect(settings);
  const collect = createCollector(complaints);
  const clients = new ClientRegistries(oldClients(report));
  const registries = () => [registry, application.registry, ...clients.all(), ...metricOptions.registries];
  const redaction = createLabelRedaction();
  const texts = new SeriesTexts(labels, redaction);
  const enforceContract = (metrics: readonly MetricSnapshot[]) => {
    const shown: MetricSnapshot[] = [];
    for (const metric of metrics) {
      // For a scrape it is created here, for a push by the intake. The service's metric would be a second one.
      if (metric.name === targetInfoName) {
        complaints.conflicting(metric.name, "as the service's own and as the resource of this process");
      } else shown.push(texts.admits(metric) ? metric : redaction.redact(metric));
    }
    return contracted.enforce(shown);
  };
  const collectContracted = async (settings?: CollectSettings) =>
    enforceContract(await collect(registries(), settings));
  const collectContractedNow = () => enforceContract(collectNow(registries(), complaints));
  const push = startPush(
    metricOptions,
    sources['metrics.push'] !== undefined,
    identity,
    labels,
    collectContracted,
    collectContractedNow,
    sdkHealth,
    report,
    complaints.unpushable,
  );
  const otel = createOtelMetrics(
    (readers, views) => createMeterProvider(identity, readers, views),
    push?.reader,
    contracted,
  );
  const info = targetInfo(identity, labels);

  const collectAll = async (timeoutMillis?: number) => [
    info,
    ...(await collectContracted({ timeoutMillis, further: otel.collect })),
  ];
  let collectForAll: CollectMetrics = collectAll;
  const answerOf = async (metrics: Promise<Iterable<MetricSnapshot>>, format: ExpositionFormat) => ({
    contentType: format === 'openmetrics' ? openMetricsContentType : textContentType,
    chunks: writeMetrics(await metrics, labels, format, texts),
  });
  const answer = (format: ExpositionFormat, timeoutMillis?: number) =>
    answerOf(collectForAll(timeoutMillis), format);

  return {
    registry,
    sdkHealth,
    /** Where breaches of the contract at run time are counted. */
    breachRecord,
    /** Settings that the instruments of all wings share. */
    settings,
    otel,
    complaints,
    contracted,
    /** The metrics of this process alone. */
    collect: collectAll,
    /** The same without waiting: what cannot be read so is left out. */
    collectNow: () => [info, ...collectContractedNow(), ...otel.collectNow()],
    /** From now on, responses contain the metrics that this function returns, those of several processes. */
    answerWith(collect: CollectMetrics) {
      collectForAll = collect;
    },
    async render(accept?: string) {
      const format = negotiateFormat(typeof accept === 'string' ? accept : undefined);
      // The service called this. If the metrics of all processes are not available, it gets those of this process.
      const { contentType, chunks } = await answer(format).catch(() => answerOf(collectAll(), format));
      const pace = startPace();
      let body = '';
      for (const chunk of chunks) {
        body += chunk;
        if (pace.isDue()) await pace.giveWay();
      }
      return { contentType, body };
    },
    handler: createMetricsHandler(answer, metricOptions.endpoint ? metricOptions.endpoint.token : undefined),
    /** Is told of copies of prom-client that are loaded later. */
    followLoads: (loads: Pick<LoadWatch, 'watch'>) => clients.follow(loads),
    /** Pushes the metrics, if the options say so. */
    push: push && {
      flush: otel.flush,
      hurry: push.hurry,
      stop: otel.stop,
      abandon: push.abandon,
      takeForEnd: push.takeForEnd,
      hasFailed: push.hasFailed,
      sayLoss: push.sayLoss,
    },
    /** From now on, the metrics that the service declared no longer belong to this instance. */
    stop() {
      application.connect(undefined);
      return push ? undefined : otel.stop();
    },
  };
}

export type MetricPipeline = ReturnType<typeof startMetrics>;
