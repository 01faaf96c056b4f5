import { type Attributes, type Context, diag, type Link, SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { isLateAnswer } from '../model/late-rejection.js';
import type { SamplerName } from '../options/trace-options.js';
import { oncePerInterval } from '../timing/once-per-interval.js';
import type { RateLimit } from '../timing/rate-limit.js';
import { FollowParentSampler } from './parent-based-sampler.js';
import { type RouteSamplers, routeSamplers } from './route-ratios.js';

/** A sampler that can be changed while the service runs. */
export interface AdjustableSampler extends Sampler {
  /** Whether it neither looks at links nor changes attributes; it then needs no copies of them. */
  readonly ignoresAttributes: boolean;
  /** Whether it still needs the attributes, to find the route. */
  readonly looksAtAttributes: boolean;
  /** Whether routes and the limit have an effect: whether the other spans of a trace follow its first one. */
  readonly decidesByTrace: boolean;
  /** Changes the share of new traces; `undefined` goes back to what the options say. */
  setRatio(ratio: number | undefined): void;
  /** Changes the shares of new traces by route. */
  setRouteRatios(ratios: Readonly<Record<string, number>>): void;
  /** Limits how many new traces are recorded; undefined removes the limit. */
  limit(allow: RateLimit | undefined): void;
}

/**
 * The sampler of the options. `setRatio` on it sets the ratio for new traces, whichever sampler was
 * configured; a caller's decision is kept in any case. Routes and the limit are for new traces too, so they apply where
 * the other spans of a trace follow its first one: with the `parentbased` samplers, and after `setRatio`.
 */
export function createSampler(sampler: SamplerName | Sampler | undefined, ratio: number): AdjustableSampler {
  const newTraces = new NewTraces(rootSampler(sampler, ratio));
  const parentBased = new FollowParentSampler(newTraces);
  const configured = configuredSampler(sampler, ratio) ?? parentBased;
  let current: Sampler = configured;
  return {
    ignoresAttributes: typeof sampler !== 'object',
    get looksAtAttributes() {
      return newTraces.byRoute !== undefined;
    },
    get decidesByTrace() {
      return current === parentBased;
    },
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
      newTraces.usual = changed === undefined ? rootSampler(sampler, ratio) : ratioSampler(changed);
      current = changed === undefined ? configured : parentBased;
    },
    setRouteRatios(ratios) {
      newTraces.byRoute = Object.keys(ratios).length === 0 ? undefined : routeSamplers(ratios);
    },
    limit(allow) {
      newTraces.allow = allow;
    },
  };
}

/** A sampler of the service's: what it throws, or promises, must not reach the request. */
function guarded(sampler: Sampler): Sampler {
  const complain = oncePerInterval(complaintIntervalMillis, (error: unknown) =>
    diag.error('The sampler failed; its traces are not recorded.', error),
  );
  return {
    shouldSample(...question) {
      try {
        const result: unknown = sampler.shouldSample(...question);
        if (isLateAnswer(result, complain)) return notRecorded;
        return typeof result === 'object' && result !== null ? (result as SamplingResult) : notRecorded;
      } catch (error) {
        complain(error);
        return notRecorded;
      }
    },
    toString: () => 'Sampler of the service',
  };
}

/** Decides about traces that begin here. */
class NewTraces implements Sampler {
  byRoute: RouteSamplers | undefined;
  allow: RateLimit | undefined;

  constructor(public usual: Sampler) {}

  shouldSample(...question: Parameters<Sampler['shouldSample']>): SamplingResult {
    const sampler =
      (this.byRoute && question[3] === SpanKind.SERVER ? this.byRoute(question[4]) : undefined) ?? this.usual;
    const result = sampler.shouldSample(...question);
    const isBeyond = this.allow && result.decision === SamplingDecision.RECORD_AND_SAMPLED && !this.allow();
    return isBeyond ? notRecorded : result;
  }

  toString(): string {
    return this.usual.toString();
  }
}

const complaintIntervalMillis = 60_000;
const notRecorded: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

const ratioSampler = (ratio: number): Sampler =>
  ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio);

function rootSampler(sampler: SamplerName | Sampler | undefined, ratio: number): Sampler {
  if (sampler === 'parentbased_always_on') return new AlwaysOnSampler();
  if (sampler === 'parentbased_always_off') return new AlwaysOffSampler();
  return ratioSampler(ratio);
}

/** Those that do not follow the parent. */
function configuredSampler(sampler: SamplerName | Sampler | undefined, ratio: number): Sampler | undefined {
  if (typeof sampler === 'object') return guarded(sampler);
  if (sampler === 'always_on') return new AlwaysOnSampler();
  if (sampler === 'always_off') return new AlwaysOffSampler();
  return sampler === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : undefined;
}

/** A sampler that decides like the given one. It first reports every request and message, sampled or not. */
export function samplerThatTells(
  sampler: AdjustableSampler,
  work: () => void,
): Pick<AdjustableSampler, 'ignoresAttributes' | 'looksAtAttributes' | 'shouldSample' | 'toString'> {
  return {
    ignoresAttributes: sampler.ignoresAttributes,
    get looksAtAttributes() {
      return sampler.looksAtAttributes;
    },
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (kind === SpanKind.SERVER || kind === SpanKind.CONSUMER) work();
      return sampler.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => sampler.toString(),
  };
}
