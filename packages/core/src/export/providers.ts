import { SpanStatusCode, TraceFlags, type TracerProvider } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type IdGenerator,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Identity } from '../model/identity.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { TailSampler } from '../recorder/tail/tail-sampler.js';
import type { RecorderSampler } from '../recorder/tracer.js';
import type { PostRequest } from './blocking-send.js';
import { countedQueue, type ExportObserver } from './counted-queue.js';
import { type ExportConnections, exportConnections } from './export-connections.js';
import { controlExport, type ExportControl } from './export-control.js';
import { holdSdkSpans } from './held-sdk-spans.js';
import { type OtlpPipeline, postRequest } from './otlp-pipeline.js';
import { type RecordedSpansParts, recordSpans } from './recorded-spans.js';
import { redactingProcessor } from './redacting-processor.js';
import { type RequestsAtEnd, requestsOfStockExporter } from './stock-otlp-exporter.js';

/*
 * The only file that constructs SDK providers, processors and exporters. The next major line of the
 * OpenTelemetry SDK constructs them in another way; that must stay a change to this file.
 */

/** Chooses the id of a trace that begins in this process. */
export interface RootTraceIds {
  readonly idGenerator: IdGenerator;
  /** Makes the tracers of a provider start the traces that are prepared. */
  attach(provider: TracerProvider): void;
}

/** What takes part in every span, where it is asked for. */
export interface TraceHooks {
  /** Gives a trace the id that it had before its first span here. */
  readonly roots?: RootTraceIds | undefined;
  /** Told of every trace in which a span failed. */
  readonly failed?: ((traceId: string) => void) | undefined;
  /** Keeps some of the traces that the sampler does not take. */
  readonly tail?: TailSampler | undefined;
}

/**
 * Spans go through our own recorder, unless they have a way of their own: an exporter of the service's, the console, or
 * OTLP as JSON. Those get the spans of the SDK.
 */
export function createTracerPipeline(
  options: ResolvedOptions['traces'],
  identity: Identity,
  sampler: RecorderSampler,
  observer: ExportObserver,
  { roots, failed, tail }: TraceHooks = {},
): OtlpPipeline<TracerProvider> {
  const { exporter, protocol } = options;
  const isRecorded = exporter === 'none' || (exporter === 'otlp' && protocol === 'http/protobuf');
  const parts = {
    options,
    resource: createResource(identity),
    sampler,
    observer,
    idGenerator: roots?.idGenerator,
    failed,
    tail,
  };
  const pipeline = isRecorded ? recordSpans(parts) : createSdkPipeline(parts);
  roots?.attach(pipeline.provider);
  return pipeline;
}

function createSdkPipeline({
  options,
  resource,
  sampler,
  observer,
  idGenerator,
  failed,
  tail,
}: RecordedSpansParts & { readonly resource: Resource }): OtlpPipeline<TracerProvider> {
  const connections = exportConnections(options);
  const exporter = createSpanExporter(options, connections);
  const output = exporter && createSpanProcessor(exporter, options, observer);
  // What the service made itself is sent by itself, but for one that is known well enough to be helped.
  const atEnd =
    typeof options.exporter === 'object'
      ? requestsOfStockExporter<ReadableSpan>(options.exporter)
      : undefined;
  const { limits } = options;
  const held = tail && output && holdSdkSpans(tail, sampler, output.add);
  const provider = new NodeTracerProvider({
    resource,
    sampler: held?.sampler ?? sampler,
    spanLimits: {
      attributeCountLimit: limits.attributeCount,
      attributeValueLengthLimit: limits.attributeValueLength ?? limits.maxValueBytes,
      eventCountLimit: limits.eventCount,
      linkCountLimit: limits.linkCount,
      attributePerEventCountLimit: limits.attributesPerEvent,
      attributePerLinkCountLimit: limits.attributesPerLink,
    },
    spanProcessors: [
      redactingProcessor,
      ...(failed ? [errorWatcher(failed)] : []),
      ...(output ? [atEnd ? preparing(output.processor, atEnd) : output.processor] : []),
      ...(held ? [held.processor] : []),
    ],
    ...(idGenerator && { idGenerator }),
  });
  return {
    provider,
    flush: () => provider.forceFlush(),
    stop: () => provider.shutdown(),
    ...controlExport(exporter ?? {}, connections),
    takeForEnd() {
      if (!output) return undefined;
      if (options.exporter === 'otlp') {
        const body = serialized(output.takeAll(), JsonTraceSerializer);
        return postRequest(options, connections.tls, body, 'application/json');
      }
      if (atEnd?.isReady()) return atEnd.request(output.takeAll());
      output.giveAll();
      return undefined;
    },
  };
}

function createSpanExporter(
  options: ResolvedOptions['traces'],
  connections: ExportConnections,
): SpanExporter | undefined {
  switch (options.exporter) {
    case 'otlp':
      return new OTLPTraceExporter(otlpExporterOptions(options, connections));
    case 'console':
      return new ConsoleSpanExporter();
    case 'none':
      return undefined;
    default:
      return options.exporter;
  }
}

function createSpanProcessor(
  exporter: SpanExporter,
  options: ResolvedOptions['traces'],
  observer: ExportObserver,
) {
  const queue = countedQueue<ReadableSpan>(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchSpanProcessor(queue.exporter, { ...options.batch });
  const add = (span: ReadableSpan) => {
    if (queue.admit(span)) batch.onEnd(span);
  };
  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) add(span);
    },
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
  return {
    processor,
    add,
    takeAll: queue.takeAll,
    giveAll() {
      const unanswered = queue.giveAll();
      if (unanswered > 0) observer.failed(unanswered, 0, new Error('no answer before the end'));
    },
  };
}

/** There is something to send soon. */
function preparing(processor: SpanProcessor, { prepare }: RequestsAtEnd<ReadableSpan>): SpanProcessor {
  return {
    onStart() {},
    onEnd(span) {
      prepare();
      processor.onEnd(span);
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

/** Tells of every span that ends in an error. */
function errorWatcher(failed: (traceId: string) => void): SpanProcessor {
  return {
    onStart() {},
    onEnd(span) {
      if (span.status.code === SpanStatusCode.ERROR) failed(span.spanContext().traceId);
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

export function createLoggerPipeline(
  options: ResolvedOptions['logs'],
  identity: Identity,
  observer: ExportObserver,
): OtlpPipeline<LoggerProvider> {
  const connections = exportConnections(options);
  const exporter = new OTLPLogExporter(otlpExporterOptions(options, connections));
  const queue = countedQueue<ReadableLogRecord>(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchLogRecordProcessor({ exporter: queue.exporter, ...options.batch });
  // The stock processor does nothing where a flush is under way already, and what came since would stay behind.
  let flushing: Promise<unknown> = Promise.resolve();
  const afterFlush = (next: () => Promise<void>) => {
    const done = flushing.then(next);
    flushing = done.catch(() => {});
    return done;
  };
  const processor: LogRecordProcessor = {
    onEmit(record) {
      if (queue.admit(record)) batch.onEmit(record);
    },
    forceFlush: () => afterFlush(() => batch.forceFlush()),
    shutdown: () => afterFlush(() => batch.shutdown()),
  };
  const provider = new LoggerProvider({
    resource: createResource(identity),
    processors: [processor],
  });
  return {
    provider,
    flush: () => provider.forceFlush(),
    stop: () => provider.shutdown(),
    ...controlExport(exporter, connections),
    takeForEnd() {
      const body = serialized(queue.takeAll(), JsonLogsSerializer);
      return postRequest(options, connections.tls, body, 'application/json');
    },
  };
}

function serialized<T>(
  items: T[],
  serializer: { serializeRequest(items: T[]): Uint8Array | undefined },
): Uint8Array | undefined {
  return items.length === 0 ? undefined : serializer.serializeRequest(items);
}

/** The provider behind the OpenTelemetry metrics API. */
export function createMeterProvider(
  identity: Identity,
  readers: MetricReader[],
  views: ViewOptions[],
): MeterProvider {
  return new MeterProvider({ resource: createResource(identity), readers, views });
}

export type PushOptions = Exclude<ResolvedOptions['metrics']['push'], false>;

/** Adds what the SDK's serializer leaves out to a request that it has serialized. */
export type AddExemplars = (request: Uint8Array, scopeMetrics: ResourceMetrics['scopeMetrics']) => Uint8Array;

/** Collects and sends at an interval: what the meter provider has, and what `producer` has. */
export interface MetricPush extends ExportControl {
  readonly reader: MetricReader;
  /**
   * The current values, and what is under way without an answer, for the moment in which Node ends the process. Metrics
   * made through the OpenTelemetry API are among the latter only: its SDK collects them asynchronously.
   */
  takeForEnd(): readonly PostRequest[];
}

export function createMetricPush(
  options: PushOptions,
  resourceOf: () => ResourceMetrics['resource'],
  producer: MetricProducer,
  current: () => ResourceMetrics['scopeMetrics'],
  outgoing: (metrics: ResourceMetrics) => ResourceMetrics,
  withExemplars: AddExemplars,
  observer: ExportObserver,
): MetricPush {
  const connections = exportConnections(options);
  let control: ExportControl | undefined;
  /** What was asked before there was an exporter. */
  let asked: ((control: ExportControl) => void) | undefined;
  const loaded = async () => {
    // Most services are scraped; those should not load what only a push needs.
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-http');
    const exporter = new OTLPMetricExporter(otlpExporterOptions(options, connections));
    addExemplars(exporter, withExemplars);
    control = controlExport(exporter, connections);
    asked?.(control);
    return exporter;
  };
  let exporter: ReturnType<typeof loaded> | undefined;
  /** What was given to the exporter and has no answer yet. */
  const underWay = new Set<ResourceMetrics>();
  const lazy: PushMetricExporter = {
    export(metrics, answered) {
      underWay.add(metrics);
      const done: typeof answered = (result) => {
        underWay.delete(metrics);
        answered(result);
      };
      exporter ??= loaded();
      exporter.then(
        (ready) => ready.export(metrics, done),
        (error) => done({ code: ExportResultCode.FAILED, error }),
      );
    },
    forceFlush: async () => (await exporter)?.forceFlush(),
    shutdown: async () => (await exporter)?.shutdown(),
    selectAggregationTemporality: (instrument) => temporalityOf(options.temporality, instrument),
  };
  return {
    reader: new PeriodicExportingMetricReader({
      exporter: countedMetrics(lazy, outgoing, observer),
      exportIntervalMillis: options.intervalMillis,
      exportTimeoutMillis: Math.min(options.exportTimeoutMillis, options.intervalMillis),
      metricProducers: [producer],
      // One request is serialized in one go; a bound on it bounds how long requests of the service wait.
      maxExportBatchSize: maxPointsPerRequest,
    }),
    takeForEnd() {
      // Totals that come later say more than those under way; steps are to be sent each.
      const sent = [...underWay];
      underWay.clear();
      const now = outgoing({ resource: resourceOf(), scopeMetrics: current() });
      return [...sent, now].flatMap((metrics) => {
        const request = metrics.scopeMetrics.some((scope) => scope.metrics.length > 0)
          ? JsonMetricsSerializer.serializeRequest(metrics)
          : undefined;
        const body = request && withExemplars(request, metrics.scopeMetrics);
        return postRequest(options, connections.tls, body, 'application/json') ?? [];
      });
    },
    hurry(longestMillis) {
      asked = (ready) => ready.hurry(longestMillis);
      if (control) asked(control);
    },
    abandon() {
      asked = (ready) => ready.abandon();
      if (control) asked(control);
    },
  };
}

const maxPointsPerRequest = 2_000;

/** Counts points and tells failures to the observer alone, which says them once a minute. */
function countedMetrics(
  inner: PushMetricExporter,
  outgoing: (metrics: ResourceMetrics) => ResourceMetrics,
  observer: ExportObserver,
): PushMetricExporter {
  return {
    ...inner,
    export(collected, done) {
      const metrics = outgoing(collected);
      const startMillis = performance.now();
      const points = metrics.scopeMetrics
        .flatMap((scope) => scope.metrics)
        .reduce((sum, metric) => sum + metric.dataPoints.length, 0);
      inner.export(metrics, ({ code, error }) => {
        const durationSeconds = (performance.now() - startMillis) / 1000;
        if (code === ExportResultCode.SUCCESS) observer.exported(points, durationSeconds);
        else observer.failed(points, durationSeconds, error);
        done({ code: ExportResultCode.SUCCESS });
      });
    },
  };
}

/** The SDK's serializer has no place for exemplars; without that part of the exporter there are none. */
function addExemplars(exporter: object, withExemplars: AddExemplars): void {
  const delegate = Reflect.get(exporter, '_delegate') as
    | { _serializer?: { serializeRequest(metrics: ResourceMetrics): Uint8Array | undefined } }
    | undefined;
  const serializer = delegate?._serializer;
  if (typeof serializer?.serializeRequest !== 'function') return;
  Reflect.set(delegate as object, '_serializer', {
    ...serializer,
    serializeRequest(metrics: ResourceMetrics) {
      const request = serializer.serializeRequest(metrics);
      return request && withExemplars(request, metrics.scopeMetrics);
    },
  });
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

/** What the telemetry of one process says of it. */
export function createResource(identity: Identity) {
  return defaultResource().merge(
    resourceFromAttributes({
      ...identity.resourceAttributes,
      // https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk
      'telemetry.distro.name': 'throughline',
      'telemetry.distro.version': version,
    }),
  );
}

type ExporterOptions = Pick<
  ResolvedOptions['logs'],
  'endpoint' | 'headers' | 'compression' | 'timeoutMillis'
>;

function otlpExporterOptions(options: ExporterOptions, connections: ExportConnections) {
  return {
    url: options.endpoint,
    ...(options.headers ? { headers: { ...options.headers } } : {}),
    httpAgentOptions: connections.createAgent,
    compression: options.compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: options.timeoutMillis,
  };
}
