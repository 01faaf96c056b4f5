import { type Attributes, type Context, type Link, SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { SamplerName } from '../options/trace-options.js';

/** A sampler whose ratio can be changed while the service runs. */
export interface AdjustableSampler extends Sampler {
  /** Whether it decides by context, trace id and kind alone; it then needs no copies of the rest. */
  readonly ignoresAttributes: boolean;
  /** Changes the share of new traces; `undefined` goes back to what the options say. */
  setRatio(ratio: number | undefined): void;
}

/**
 * The sampler of the options. `setRatio` on it puts a ratio for new traces in force whatever sampler was
 * configured; a caller's decision is kept in any case.
 */
export function createSampler(sampler: SamplerName | Sampler | undefined, ratio: number): AdjustableSampler {
  const configured = typeof sampler === 'object' ? sampler : samplerByName(sampler, ratio);
  let current = configured;
  return {
    ignoresAttributes: typeof sampler !== 'object',
    shouldSample(
      context: Context,
      traceId: string,
      name: string,
      kind: SpanKind,
      attributes: Attributes,
      links: Link[],
    ): SamplingResult {
      return current.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => current.toString(),
    setRatio(changed) {
      current = changed === undefined ? configured : samplerByName('parentbased_traceidratio', changed);
    },
  };
}

/** A sampler that decides as the given one does, and tells of every request and message, sampled or not, before. */
export function samplerThatTells(
  sampler: AdjustableSampler,
  work: () => void,
): Omit<AdjustableSampler, 'setRatio'> {
  return {
    ignoresAttributes: sampler.ignoresAttributes,
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (kind === SpanKind.SERVER || kind === SpanKind.CONSUMER) work();
      return sampler.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => sampler.toString(),
  };
}

function samplerByName(name: SamplerName = 'parentbased_traceidratio', ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({
        root: ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio),
      });
  }
}
