import { SpanStatusCode, type TimeInput, TraceFlags } from '@opentelemetry/api';
import { RecordedSpan, type SpanOrigin } from '../span/span.js';
import type { HeldSpan, KeepReason, TailSampler, TracePart } from './tail-sampler.js';

/** Says on a span why its trace was kept although head sampling did not take it: `error` or `slow`. */
export const keptForAttribute = 'throughline.sampling.kept_for';

/** About the memory of a span without attributes. */
const emptySpanBytes = 512;

/**
 * A span of a trace that head sampling did not take. It is recorded, and after its end it keeps what was set until it
 * is known whether its local part is kept. Its context says "not sampled", and so do the headers of calls below it.
 */
export class HeldRecordedSpan extends RecordedSpan implements HeldSpan {
  constructor(
    private readonly tail: TailSampler,
    readonly part: TracePart,
    private readonly exported: SpanOrigin,
    ...span: ConstructorParameters<typeof RecordedSpan> extends [SpanOrigin, ...infer R] ? R : never
  ) {
    super(exported, ...span);
  }

  /** Whether the spans of its part are exported: then an exemplar may point at it. */
  get isKept(): boolean {
    return this.part.isKept;
  }

  override end(endTime?: TimeInput): void {
    if (!this.isRecording()) {
      super.end(endTime);
      return;
    }
    const { pairs, extras } = this;
    super.end(endTime);
    this.pairs = pairs;
    this.extras = extras;
    this.tail.ended(this.part, this);
  }

  get isFailed(): boolean {
    return this.statusCode === SpanStatusCode.ERROR;
  }

  get durationMillis(): number {
    return (this.endSeconds - this.startSeconds) * 1_000 + (this.endNanos - this.startNanos) / 1_000_000;
  }

  get sizeBytes(): number {
    let bytes = emptySpanBytes + this.extras.bytes;
    for (const value of this.pairs) bytes += typeof value === 'string' ? value.length + 16 : 16;
    return bytes;
  }

  leave(reason: KeepReason | undefined): void {
    if (reason !== undefined) this.pairs.push(keptForAttribute, reason);
    // What is exported says so. What already left in headers of calls stays "not sampled".
    const flags = this as { traceFlags: number };
    flags.traceFlags |= TraceFlags.SAMPLED;
    this.exported.export(this);
    flags.traceFlags &= ~TraceFlags.SAMPLED;
  }

  forget(): void {
    this.pairs = [];
    this.extras = RecordedSpan.nothing;
  }
}
