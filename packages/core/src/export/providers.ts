import { SpanStatusCode, TraceFlags, type TracerProvider } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Identity } from '../model/identity.js';
import { version } from '../model/version.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { TailSampler } from '../recorder/tail/tail-sampler.js';
import type { RecorderIdGenerator, RecorderSampler } from '../recorder/tracer.js';
import { countedQueue, type ExportObserver } from './counted-queue.js';
import { type ExportConnections, exportConnections } from './export-connections.js';
import { controlExport } from './export-control.js';
import { holdSdkSpans } from './held-sdk-spans.js';
import { type LogSink, queueLogs } from './log-queue.js';
import { type OtlpPipeline, postRequest } from './otlp-pipeline.js';
import { type RecordedSpansParts, recordSpans } from './recorded-spans.js';
import { createRedactingProcessor, lengthLimitBeforeRedaction } from './redaction-processor.js';
import { type RequestsAtEnd, requestsOfStockExporter } from './stock-otlp-exporter.js';

/*
 * The only file that constructs SDK providers, processors and exporters. The next major line of the
 * OpenTelemetry SDK constructs them in another way; that must stay a change to this file.
 */

/** Chooses the id of a trace that begins in this process. */
export interface RootTraceIds {
  readonly idGenerator: RecorderIdGenerator;
  /** Makes the tracers of a provider start the traces that are prepared. */
  attach(provider: TracerProvider): void;
}

/** Hooks that run for every span, if they are set. */
export interface TraceHooks {
  /** Gives a trace the id that it had before its first span here. */
  readonly roots?: RootTraceIds | undefined;
  /** Told of every trace in which a span failed. */
  readonly failed?: ((traceId: string) => void) | undefined;
  /** Keeps some of the traces that the sampler does not take. */
  readonly tail?: TailSampler | undefined;
}

/**
 * Spans are recorded by Throughline's own recorder, except for an exporter of the service, the console, and OTLP as JSON.
 * Those get spans of the SDK.
 */
export function createTracerPipeline(
  options: ResolvedOptions['traces'],
  identity: Identity,
  sampler: RecorderSampler,
  observer: ExportObserver,
  { roots, failed, tail }: TraceHooks = {},
): OtlpPipeline<TracerProvider> {
  const { exporter, protocol } = options;
  const isRecorded = exporter === 'none' || (exporter === 'otlp' && protocol !== 'http/json');
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
  const maxValueLength = limits.attributeValueLength ?? limits.maxValueBytes;
  const held = tail && output && holdSdkSpans(tail, sampler, output.add);
  const provider = new NodeTracerProvider({
    resource,
    sampler: held?.sampler ?? sampler,
    spanLimits: {
      attributeCountLimit: limits.attributeCount,
      attributeValueLengthLimit: lengthLimitBeforeRedaction(maxValueLength),
      eventCountLimit: limits.eventCount,
      linkCountLimit: limits.linkCount,
      attributePerEventCountLimit: limits.attributesPerEvent,
      attributePerLinkCountLimit: limits.attributesPerLink,
    },
    spanProcessors: [
      createRedactingProcessor(maxValueLength),
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

/** Reports every span that ends with an error. */
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
): OtlpPipeline<LogSink> {
  return queueLogs(options, createResource(identity), observer);
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
