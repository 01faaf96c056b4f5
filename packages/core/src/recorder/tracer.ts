import {
  type Attributes,
  type AttributeValue,
  type Context,
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import {
  type IdGenerator,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
} from '@opentelemetry/sdk-trace-base';
import { RemoteSpan } from '../context/remote-span.js';
import { eachAttribute, isKey, notRecordable, recordedValue } from './span/attribute-pairs.js';
import type { RecorderLimits } from './span/limits.js';
import { preparedAttributesOf, textSizesOf } from './span/prepared-attributes.js';
import { RecordedSpan, type SpanOrigin, textOf } from './span/span.js';
import { HeldRecordedSpan } from './tail/held-recorded-span.js';
import type { TailSampler, TracePart } from './tail/tail-sampler.js';

export interface RecorderSampler extends Sampler {
  /**
   * Whether it neither looks at links nor changes attributes. It then gets the attributes as they were given, which
   * saves copies of them, or none unless `looksAtAttributes` says that it needs them now.
   */
  readonly ignoresAttributes?: boolean;
  readonly looksAtAttributes?: boolean;
}

export interface RecorderIdGenerator extends IdGenerator {
  /** Whether the last seven bytes of the trace id that it made last are random, as W3C Trace Context, Level 2, means it. */
  readonly isRandom?: boolean;
}

export interface TracerParts {
  readonly sampler: RecorderSampler;
  readonly idGenerator: RecorderIdGenerator;
  readonly tail?: TailSampler | undefined;
}

/** Bit of the trace flags that says that the trace id is random: W3C Trace Context, Level 2. */
const randomFlag = 0x2;

const noAttributes: Attributes = Object.freeze({});
const noLinks: Link[] = [];
const noOptions: SpanOptions = Object.freeze({});
const notRecorded: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

/** Starts spans. Nothing that a caller, a sampler or an id generator does wrong is thrown at the service. */
export class RecordingTracer implements Tracer {
  constructor(
    private readonly origin: SpanOrigin,
    private readonly parts: TracerParts,
  ) {}

  startSpan(name: string, options?: SpanOptions, parentContext: Context = context.active()): Span {
    const given = options ?? noOptions;
    try {
      return this.started(name, given, parentContext);
    } catch (error) {
      diag.error('A span could not be started.', error);
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
  }

  private started(name: string, options: SpanOptions, givenContext: Context): Span {
    if (isTracingSuppressed(givenContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const isRoot = options.root === true || Boolean(options.root);
    const parentSpan = isRoot ? undefined : trace.getSpan(givenContext);
    const parentContext = isRoot ? trace.deleteSpan(givenContext) : givenContext;
    const { sampler, idGenerator } = this.parts;
    const spanId = idGenerator.generateSpanId();

    let traceId: string;
    let inheritedState: TraceState | undefined;
    let inheritedFlags = 0;
    let parentSpanId: string | undefined;
    let isParentRemote = false;
    const parent = parentSpan && parentOf(parentSpan);
    if (parent) {
      traceId = parent.traceId;
      inheritedState = parent.traceState;
      inheritedFlags = parent.traceFlags & randomFlag;
      parentSpanId = parent.spanId;
      isParentRemote = (parent as SpanContext).isRemote === true;
    } else {
      traceId = idGenerator.generateTraceId();
      if (idGenerator.isRandom === true) inheritedFlags = randomFlag;
    }

    const kind = options.kind ?? SpanKind.INTERNAL;
    const { links } = options;
    const isBlind = sampler.ignoresAttributes === true;
    // The sampler may change its copy, and then the change counts. A sampler that does not read
    // attributes gets none: code that starts many spans creates the attributes only when they are read, if the span is recorded.
    const looksAtAttributes = !isBlind || sampler.looksAtAttributes === true;
    const early = looksAtAttributes ? options.attributes : undefined;
    const shown = isBlind ? (early ?? noAttributes) : shownAttributes(early, this.origin.limits);
    const {
      decision,
      attributes: added,
      traceState,
    } = this.decided(parentContext, traceId, name, kind, shown, isBlind || !links ? noLinks : links);
    const state = traceState ?? inheritedState;
    const traceFlags =
      inheritedFlags | (decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : 0);
    const tail = decision === SamplingDecision.NOT_RECORD ? this.parts.tail : undefined;
    const part = tail?.isOn === true ? partToJoin(tail, parent && parentSpan, isParentRemote) : undefined;
    if (decision === SamplingDecision.NOT_RECORD && part === undefined) {
      return trace.wrapSpanContext(
        state === undefined
          ? { traceId, spanId, traceFlags }
          : { traceId, spanId, traceFlags, traceState: state },
      );
    }
    const span =
      tail === undefined || part === undefined
        ? new RecordedSpan(
            this.origin,
            textOf(name),
            kind,
            traceId,
            spanId,
            traceFlags,
            state,
            parentSpanId,
            isParentRemote,
            options.startTime,
          )
        : new HeldRecordedSpan(
            tail,
            part,
            this.origin,
            textOf(name),
            kind,
            traceId,
            spanId,
            traceFlags,
            state,
            parentSpanId,
            isParentRemote,
            options.startTime,
          );
    if (links) span.addLinks(links);
    if (isBlind) {
      const prepared = early === undefined ? preparedAttributesOf(options) : undefined;
      if (prepared === undefined || !span.beginWith(prepared, textSizesOf(options))) {
        const attributes = early ?? options.attributes;
        if (attributes) span.setAttributes(attributes);
      }
      if (added) span.setAttributes(added as Attributes);
    } else {
      if (added) copyAttributes(added, shown);
      span.setAttributes(shown);
    }
    return span;
  }

  private decided(...question: Parameters<Sampler['shouldSample']>): SamplingResult {
    try {
      return this.parts.sampler.shouldSample(...question) ?? notRecorded;
    } catch (error) {
      diag.error('The sampler failed; the span is not recorded.', error);
      return notRecorded;
    }
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    parentContext: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest[rest.length - 1] as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : undefined;
    const parentContext = (rest.length > 2 ? (rest[1] as Context) : undefined) ?? context.active();
    const span = this.startSpan(name, options, parentContext);
    return context.with(trace.setSpan(parentContext, span), fn as never, undefined, span) as ReturnType<F>;
  }
}

/** The local part that an unsampled span belongs to; undefined if it is not recorded. */
function partToJoin(
  tail: TailSampler,
  parent: Span | undefined,
  isParentRemote: boolean,
): TracePart | undefined {
  if (parent instanceof HeldRecordedSpan) return tail.join(parent.part) ? parent.part : undefined;
  // Below a span of this process that is not held, nothing would be whole.
  return parent === undefined || isParentRemote ? tail.begin() : undefined;
}

/** Only what can be recorded, as it is recorded. */
function shownAttributes(attributes: Attributes | undefined, limits: RecorderLimits): Attributes {
  const shown: Attributes = {};
  eachAttribute(attributes, (key, value) => {
    const recorded = recordedValue(value, limits);
    // This key would set the prototype.
    if (!isKey(key) || key === '__proto__' || recorded === notRecordable) return;
    shown[key] = recorded as AttributeValue;
  });
  return shown;
}

function copyAttributes(from: unknown, to: Attributes): void {
  eachAttribute(from, (key, value) => {
    if (key !== '__proto__') to[key] = value as AttributeValue;
  });
}

/** The parent, without creating a span context object if it is a span of this recorder. */
function parentOf(
  span: Span,
): Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags' | 'traceState'> | undefined {
  if (span instanceof RecordedSpan) return span as never;
  const spanContext = span.spanContext();
  return span instanceof RemoteSpan || isSpanContextValid(spanContext) ? spanContext : undefined;
}
