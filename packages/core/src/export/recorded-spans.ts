import { SpanStatusCode, type TracerProvider } from '@opentelemetry/api';
import type { ResolvedOptions } from '../options/resolve.js';
import { type RecordedResource, TraceRequestWriter } from '../recorder/otlp/trace-request.js';
import { ChunkQueue } from '../recorder/queue/chunk-queue.js';
import type { RecorderLimits } from '../recorder/span/limits.js';
import type { RecordedSpan } from '../recorder/span/span.js';
import type { TailSampler } from '../recorder/tail/tail-sampler.js';
import type { RecorderIdGenerator, RecorderSampler } from '../recorder/tracer.js';
import { createRecorder } from '../recorder/tracer-provider.js';
import type { ExportObserver } from './counted-queue.js';
import { otlpIntake } from './otlp-intake.js';
import type { OtlpPipeline } from './otlp-pipeline.js';
import { outsideOfRequests } from './outside-of-requests.js';

export interface RecordedSpansParts {
  readonly options: ResolvedOptions['traces'];
  readonly resource: RecordedResource;
  readonly sampler: RecorderSampler;
  readonly observer: ExportObserver;
  readonly idGenerator: RecorderIdGenerator | undefined;
  /** Told of every trace in which a span failed. */
  readonly failed: ((traceId: string) => void) | undefined;
  /** Keeps some of the traces that the sampler does not take. */
  readonly tail: TailSampler | undefined;
}

/** Spans through our own recorder, to an OTLP intake or, with the exporter `none`, nowhere. */
export function recordSpans(parts: RecordedSpansParts): OtlpPipeline<TracerProvider> {
  const { options, sampler, idGenerator, failed } = parts;
  const recorder = {
    sampler,
    idGenerator,
    limits: limitsOf(options.limits),
    ended:
      failed &&
      ((span: RecordedSpan) => {
        if (span.statusCode === SpanStatusCode.ERROR) failed(span.traceId);
      }),
  };
  if (options.exporter === 'none') {
    return {
      // Nothing leaves, so nothing is held.
      provider: createRecorder({ ...recorder, written: () => {} }),
      flush: async () => {},
      stop: async () => {},
      hurry() {},
      abandon() {},
      takeForEnd: () => undefined,
    };
  }
  const intake = otlpIntake('traces', options);
  const queue = new ChunkQueue(
    new TraceRequestWriter(parts.resource),
    intake,
    { ...options.batch, maxChunkBytes: options.batch.maxExportBatchBytes, outside: outsideOfRequests() },
    parts.observer,
  );
  return {
    provider: createRecorder({
      ...recorder,
      tail: parts.tail,
      written: (section, span) => queue.add(section, span),
    }),
    flush: () => queue.flush(),
    async stop() {
      const flushed = queue.flush();
      queue.close();
      await flushed;
    },
    hurry: (longestMillis) => intake.hurry(longestMillis),
    abandon: () => intake.abandon(),
    takeForEnd: () => intake.requestAtEnd(queue.takeAll()?.body),
  };
}

function limitsOf({
  attributeValueLength,
  ...limits
}: ResolvedOptions['traces']['limits']): Partial<RecorderLimits> {
  return attributeValueLength === undefined ? limits : { ...limits, attributeValueLength };
}
