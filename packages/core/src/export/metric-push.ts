import { ExportResultCode } from '@opentelemetry/core';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import {
  AggregationTemporality,
  InstrumentType,
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { toError } from '../model/foreign-error.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { PostRequest } from './blocking-send.js';
import type { ExportObserver } from './counted-queue.js';
import { currentSdkMetrics } from './current-sdk-metrics.js';
import type { ExportControl } from './export-control.js';
import { createMetricRequests } from './metric-request.js';
import { otlpIntake } from './otlp-intake.js';
import { outsideOfRequests } from './outside-of-requests.js';

export type PushOptions = Exclude<ResolvedOptions['metrics']['push'], false>;

/** Adds what the SDK's serializer leaves out to a request that it has serialized as JSON. */
export type AddExemplars = (request: Uint8Array, scopeMetrics: ResourceMetrics['scopeMetrics']) => Uint8Array;

export interface MetricPushParts {
  readonly options: PushOptions;
  readonly resourceOf: () => ResourceMetrics['resource'];
  /** What is pushed in addition to the metrics of the OpenTelemetry API. */
  readonly producer: MetricProducer;
  /** The same without waiting, for the end of the process. */
  readonly current: () => ResourceMetrics['scopeMetrics'];
  /** Makes metrics fit to be pushed. */
  readonly outgoing: (metrics: ResourceMetrics) => ResourceMetrics;
  readonly withExemplars: AddExemplars;
  readonly observer: ExportObserver;
}

/** Collects and sends at an interval: what the meter provider has, and what `producer` has. */
export interface MetricPush extends ExportControl {
  readonly reader: MetricReader;
  /**
   * The current values, and what is under way without an answer, for the moment in which Node ends the process.
   */
  takeForEnd(): readonly PostRequest[];
}

const maxPointsPerRequest = 2_000;
/** What may be under way to an intake that does not answer; beyond that, points fail at once. */
const maxUnderWayBytes = 16 * 1_048_576;
const maxUnderWayRequests = 16;
/** An intake may ask to be left alone for a longer time, within reason. */
const maxAskedPauseMillis = 300_000;

export function createMetricPush(parts: MetricPushParts): MetricPush {
  const { options, outgoing, withExemplars, observer } = parts;
  const intake = otlpIntake('metrics', options);
  const outside = outsideOfRequests();
  /** What was sent and has no answer yet. */
  const underWay = new Map<ResourceMetrics, Promise<void>>();
  let underWayBytes = 0;
  let pausedUntilMillis = 0;

  const inProtobuf = options.protocol === 'http/json' ? undefined : createMetricRequests();
  const bodyOf = (metrics: ResourceMetrics): Uint8Array | undefined => {
    if (!metrics.scopeMetrics.some((scope) => scope.metrics.length > 0)) return undefined;
    if (inProtobuf) return inProtobuf(metrics);
    const request = JsonMetricsSerializer.serializeRequest(metrics);
    return request && withExemplars(request, metrics.scopeMetrics);
  };

  async function send(metrics: ResourceMetrics): Promise<void> {
    const startMillis = performance.now();
    const points = pointsOf(metrics);
    const failed = (count: number, error: Error) =>
      observer.failed(count, (performance.now() - startMillis) / 1000, error);
    if (startMillis < pausedUntilMillis) {
      failed(points, new Error('the intake asked to be left alone for a while'));
      return;
    }
    if (underWayBytes > maxUnderWayBytes || underWay.size >= maxUnderWayRequests) {
      failed(points, new Error('earlier requests have no answer yet'));
      return;
    }
    let body: Uint8Array | undefined;
    try {
      body = bodyOf(metrics);
    } catch (error) {
      failed(points, toError(error));
    }
    if (!body) return;
    underWayBytes += body.length;
    const result = await intake.send({ body, spanCount: points });
    underWayBytes -= body.length;
    if (result.status === 'failed') {
      failed(points, result.error);
      const { retryInMillis = 0 } = result;
      pausedUntilMillis = performance.now() + Math.min(retryInMillis, maxAskedPauseMillis);
      return;
    }
    const rejected = Math.min(points, Math.max(0, result.rejectedCount));
    if (points > rejected) observer.exported(points - rejected, (performance.now() - startMillis) / 1000);
    if (rejected > 0) {
      failed(rejected, new Error(`the intake rejected them: ${result.message || 'no reason given'}`));
    }
  }

  const answered = async () => {
    await Promise.all(underWay.values());
  };
  const exporter: PushMetricExporter = {
    export(collected, done) {
      const metrics = outgoing(collected);
      outside(() => {
        const sending = send(metrics).finally(() => {
          underWay.delete(metrics);
          // Told to the observer already; a failure here would only make the SDK say it again.
          done({ code: ExportResultCode.SUCCESS });
        });
        underWay.set(metrics, sending);
      });
    },
    forceFlush: answered,
    shutdown: answered,
    selectAggregationTemporality: (instrument) => temporalityOf(options.temporality, instrument),
  };
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: options.intervalMillis,
    exportTimeoutMillis: Math.min(options.exportTimeoutMillis, options.intervalMillis),
    metricProducers: [parts.producer],
    // One request is serialized in one go; a bound on it bounds how long requests of the service wait.
    maxExportBatchSize: maxPointsPerRequest,
  });
  return {
    reader,
    takeForEnd() {
      // Totals that come later say more than those under way; steps are to be sent each.
      const sent = [...underWay.keys()];
      underWay.clear();
      const scopeMetrics = [...parts.current(), ...currentSdkMetrics(reader)];
      const now = outgoing({ resource: parts.resourceOf(), scopeMetrics });
      return [...sent, now].flatMap((metrics) => intake.requestAtEnd(bodyOf(metrics)) ?? []);
    },
    hurry: (longestMillis) => intake.hurry(longestMillis),
    abandon: () => intake.abandon(),
  };
}

function pointsOf({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/#additional-environment-variable-configuration */
function temporalityOf(
  preference: PushOptions['temporality'],
  instrument: InstrumentType,
): AggregationTemporality {
  const isUpDown =
    instrument === InstrumentType.UP_DOWN_COUNTER || instrument === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER;
  if (preference === 'cumulative' || isUpDown) return AggregationTemporality.CUMULATIVE;
  return preference === 'lowmemory' && instrument === InstrumentType.OBSERVABLE_COUNTER
    ? AggregationTemporality.CUMULATIVE
    : AggregationTemporality.DELTA;
}
