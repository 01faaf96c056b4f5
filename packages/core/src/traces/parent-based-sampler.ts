import { type Context, isSpanContextValid, type Span, TraceFlags, trace } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
} from '@opentelemetry/sdk-trace-base';
import { RemoteSpan } from '../context/remote-span.js';
import { RecordedSpan } from '../recorder/span/span.js';

const sampled: SamplingResult = Object.freeze({ decision: SamplingDecision.RECORD_AND_SAMPLED });
const notSampled: SamplingResult = Object.freeze({ decision: SamplingDecision.NOT_RECORD });

/**
 * Decides as the SDK's ParentBasedSampler does by default: as the parent was decided about, and `root` decides about new
 * traces. It makes no object per span, and looks at the ids of a parent only where they may be invalid.
 */
export class FollowParentSampler implements Sampler {
  private readonly stock: Sampler;

  constructor(private readonly root: Sampler) {
    this.stock = new ParentBasedSampler({ root });
  }

  shouldSample(context: Context, ...rest: RestOfQuestion): SamplingResult {
    const parent = trace.getSpan(context);
    const flags = parent && flagsOf(parent);
    if (flags === undefined) return this.root.shouldSample(context, ...rest);
    return (flags & TraceFlags.SAMPLED) === 0 ? notSampled : sampled;
  }

  toString(): string {
    return this.stock.toString();
  }
}

type RestOfQuestion = Parameters<Sampler['shouldSample']> extends [Context, ...infer R] ? R : never;

/** The flags of a valid parent. */
function flagsOf(parent: Span): number | undefined {
  if (parent instanceof RecordedSpan) return parent.traceFlags;
  const spanContext = parent.spanContext();
  return parent instanceof RemoteSpan || isSpanContextValid(spanContext) ? spanContext.traceFlags : undefined;
}
