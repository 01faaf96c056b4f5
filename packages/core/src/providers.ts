import { TraceFlags } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Identity } from './identity.js';
import type { BridgedRoots } from './legacy/bridged-roots.js';
import { countedQueue, type ExportObserver } from './lifecycle/counted-queue.js';
import { controlRetries } from './lifecycle/export-retries.js';
import type { ResolvedOptions } from './options/resolve.js';
import type { AdjustableSampler } from './traces/sampler.js';
import { version } from './version.js';

/*
 * The only file that constructs SDK providers, processors and exporters. The next major line of the
 * OpenTelemetry SDK constructs them in another way; that must stay a change to this file.
 */

/** What telemetry leaves through: flushed and shut down with the service. */
export interface Pipeline<P> {
  readonly provider: P;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  /** The process is ending: what cannot be sent now is not tried again. */
  stopRetrying(): void;
}

export function createTracerPipeline(
  options: ResolvedOptions['traces'],
  identity: Identity,
  sampler: AdjustableSampler,
  observer: ExportObserver,
  roots?: BridgedRoots,
): Pipeline<NodeTracerProvider> {
  const exporter = createSpanExporter(options);
  const provider = new NodeTracerProvider({
    resource: createResource(identity),
    sampler,
    spanProcessors: exporter ? [createSpanProcessor(exporter, options, observer)] : [],
    ...(roots && { idGenerator: roots.idGenerator }),
  });
  roots?.attach(provider);
  return {
    provider,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
    stopRetrying: exporter ? controlRetries(exporter) : () => {},
  };
}

function createSpanExporter(options: ResolvedOptions['traces']): SpanExporter | undefined {
  switch (options.exporter) {
    case 'otlp':
      return new OTLPTraceExporter(otlpExporterOptions(options));
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
): SpanProcessor {
  const queue = countedQueue<ReadableSpan>(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchSpanProcessor(queue.exporter, { ...options.batch });
  return {
    onStart() {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0 && queue.admit()) batch.onEnd(span);
    },
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
}

export function createLoggerPipeline(
  options: ResolvedOptions['logs'],
  identity: Identity,
  observer: ExportObserver,
): Pipeline<LoggerProvider> {
  const exporter = new OTLPLogExporter(otlpExporterOptions(options));
  const queue = countedQueue<ReadableLogRecord>(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchLogRecordProcessor({ exporter: queue.exporter, ...options.batch });
  const processor: LogRecordProcessor = {
    onEmit(record) {
      if (queue.admit()) batch.onEmit(record);
    },
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown(),
  };
  const provider = new LoggerProvider({
    resource: createResource(identity),
    processors: [processor],
  });
  return {
    provider,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
    stopRetrying: controlRetries(exporter),
  };
}

function createResource(identity: Identity) {
  return defaultResource().merge(
    resourceFromAttributes({
      ...identity.resourceAttributes,
      // https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk
      'telemetry.distro.name': 'throughline',
      'telemetry.distro.version': version,
    }),
  );
}

function otlpExporterOptions(options: ResolvedOptions['traces'] | ResolvedOptions['logs']) {
  return {
    url: options.endpoint,
    ...(options.headers ? { headers: { ...options.headers } } : {}),
    compression: options.compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: options.timeoutMillis,
  };
}
