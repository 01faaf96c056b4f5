import { type Context, type Span, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { type ReadableSpan, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { keptForAttribute } from '../recorder/tail/held-recorded-span.js';
import type { HeldSpan, KeepReason, TailSampler, TracePart } from '../recorder/tail/tail-sampler.js';
import type { RecorderSampler } from '../recorder/tracer.js';

/** About the memory of a span and of one of its attributes, events or links. */
const spanBytes = 1_024;
const entryBytes = 64;

/** Tail sampling for spans of the SDK, which go to an exporter of the service's, to the console, or leave as JSON. */
export function holdSdkSpans(
  tail: TailSampler,
  sampler: RecorderSampler,
  exported: (span: ReadableSpan) => void,
): { readonly sampler: RecorderSampler; readonly processor: SpanProcessor } {
  const parts = new WeakMap<object, TracePart>();
  /** Undefined below a span of this process that is not held. */
  const partAbove = (context: Context): TracePart | 'new' | undefined => {
    const parent = trace.getSpan(context);
    if (!parent || parent.spanContext().isRemote === true) return 'new';
    return parts.get(parent);
  };
  return {
    sampler: {
      ignoresAttributes: sampler.ignoresAttributes === true,
      toString: () => sampler.toString(),
      shouldSample(context, ...question) {
        const result = sampler.shouldSample(context, ...question);
        if (result.decision !== SamplingDecision.NOT_RECORD || !tail.isOn) return result;
        const part = partAbove(context);
        const isHeld = part === 'new' || (part !== undefined && part.state !== 'dropped');
        return isHeld ? { ...result, decision: SamplingDecision.RECORD } : result;
      },
    },
    processor: {
      onStart(span, context) {
        if (isSampled(span) || !tail.isOn) return;
        const above = partAbove(context);
        const part = above === 'new' ? tail.begin() : above;
        if (!part || (above !== 'new' && !tail.join(part))) return;
        parts.set(span, part);
        Object.defineProperty(span, 'isKept', { get: () => part.isKept });
      },
      onEnd(span) {
        const part = parts.get(span);
        if (part) tail.ended(part, new HeldSdkSpan(span, exported));
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  };
}

const isSampled = (span: Span | ReadableSpan) => (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;

class HeldSdkSpan implements HeldSpan {
  constructor(
    private readonly span: ReadableSpan,
    private readonly exported: (span: ReadableSpan) => void,
  ) {}

  get isFailed(): boolean {
    return this.span.status.code === SpanStatusCode.ERROR;
  }

  get durationMillis(): number {
    const [seconds, nanos] = this.span.duration;
    return seconds * 1_000 + nanos / 1_000_000;
  }

  get sizeBytes(): number {
    const { attributes, events, links } = this.span;
    let bytes = spanBytes + (events.length + links.length) * entryBytes;
    const add = (value: unknown) => {
      bytes += entryBytes + (typeof value === 'string' ? value.length : 0);
    };
    for (const value of Object.values(attributes)) add(value);
    for (const event of events) for (const value of Object.values(event.attributes ?? {})) add(value);
    return bytes;
  }

  leave(reason: KeepReason | undefined): void {
    const { span } = this;
    const context = span.spanContext();
    const sampled = { ...context, traceFlags: context.traceFlags | TraceFlags.SAMPLED };
    const attributes = reason ? { ...span.attributes, [keptForAttribute]: reason } : span.attributes;
    // The SDK's batches take sampled spans only.
    this.exported(
      Object.create(span, {
        spanContext: { value: () => sampled },
        attributes: { value: attributes, enumerable: true },
      }),
    );
  }

  forget(): void {}
}
