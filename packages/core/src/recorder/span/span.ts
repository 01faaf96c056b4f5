import {
  type Attributes,
  type AttributeValue,
  diag,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
  type TraceState,
} from '@opentelemetry/api';
import { copyOf } from '../../model/text-copy.js';
import { redactMessage } from '../../redaction/attribute-redaction.js';
import {
  type AttributePairs,
  type BoundedAttributes,
  boundedAttributes,
  costOf,
  eachAttribute,
  indexOfKey,
  isKey,
  notRecordable,
  type RecordedValue,
  recordedValue,
  shownValue,
} from './attribute-pairs.js';
import { boundedMessage } from './bounded-message.js';
import { exceptionAttributes } from './exception-attributes.js';
import type { RecorderLimits } from './limits.js';
import { haveRoom, type TextSizes } from './prepared-attributes.js';
import { type ClockAnchor, clockAnchor, givenTimeTo, monotonicTo, type WrittenTime } from './times.js';

export interface RecordedEvent extends BoundedAttributes {
  readonly name: string;
  readonly seconds: number;
  readonly nanos: number;
}

export interface RecordedLink extends BoundedAttributes {
  readonly context: SpanContext;
}

/** What most spans have nothing of. */
class Extras {
  readonly events: RecordedEvent[] = [];
  readonly links: RecordedLink[] = [];
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** Bytes that count against `maxSpanBytes`. */
  bytes = 0;
  /** Where each key is, once there are too many to look through. */
  places: Map<string, number> | undefined;
}

const noExtras = new Extras();
const maxLookedThrough = 32;
const maxKnownLength = 64;

const time: WrittenTime = { seconds: 0, nanos: 0 };

/** The properties that all spans of one tracer share. */
export interface SpanOrigin {
  readonly limits: RecorderLimits;
  /** Takes a span at its end; what it holds is gone after this call. */
  ended(span: RecordedSpan): void;
  /** Exports a span that was held back at its end. */
  export(span: RecordedSpan): void;
}

/**
 * A span that is being recorded. It holds what was set until it ends; then it is written, and holds nothing any more.
 * Its methods never throw, even for invalid arguments.
 */
export class RecordedSpan implements Span {
  /** What every ended span has instead of events and links. */
  protected static readonly nothing = noExtras;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly isParentRemote: boolean;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
  readonly kind: SpanKind;
  readonly startSeconds: number;
  readonly startNanos: number;
  name: string;
  pairs: AttributePairs = [];
  extras: Extras = noExtras;
  statusCode: SpanStatusCode = SpanStatusCode.UNSET;
  statusMessage: string | undefined = undefined;
  /** Filled by {@link end}. */
  endSeconds = 0;
  endNanos = 0;

  /** The reading of `performance.now()` when it was started. */
  readonly startedMillis: number;

  private isEnded = false;
  private readonly isStartGiven: boolean;
  private readonly anchor: ClockAnchor;
  private context: SpanContext | undefined = undefined;

  constructor(
    private readonly origin: SpanOrigin,
    name: string,
    kind: SpanKind,
    traceId: string,
    spanId: string,
    traceFlags: number,
    traceState: TraceState | undefined,
    parentSpanId: string | undefined,
    isParentRemote: boolean,
    startTime: TimeInput | undefined,
  ) {
    this.name = shownName(name, origin.limits);
    this.kind = kind;
    this.traceId = traceId;
    this.spanId = spanId;
    this.traceFlags = traceFlags;
    this.traceState = traceState;
    this.parentSpanId = parentSpanId;
    this.isParentRemote = isParentRemote;
    const monotonicMillis = performance.now();
    this.startedMillis = monotonicMillis;
    this.anchor = clockAnchor(monotonicMillis);
    this.isStartGiven =
      startTime !== undefined && startTime !== null && givenTimeTo(time, startTime, this.anchor);
    if (!this.isStartGiven) monotonicTo(time, this.anchor, monotonicMillis);
    this.startSeconds = time.seconds;
    this.startNanos = time.nanos;
  }

  spanContext(): SpanContext {
    if (this.context) return this.context;
    const { traceId, spanId, traceFlags, traceState } = this;
    this.context =
      traceState === undefined
        ? { traceId, spanId, traceFlags }
        : { traceId, spanId, traceFlags, traceState };
    return this.context;
  }

  isRecording(): boolean {
    return !this.isEnded;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (!this.hasEnded()) this.setOne(key, value, false);
    return this;
  }

  /** The key has no secrets. */
  setKnown(key: string, value: string | number): void {
    const isShort =
      typeof value === 'number' ||
      (typeof value === 'string' &&
        value.length <= maxKnownLength &&
        value.length <= this.origin.limits.attributeValueLength);
    if (!isShort) this.setAttribute(key, value);
    else if (!this.hasEnded()) this.set(key, value, false);
  }

  /**
   * Takes over attributes that are ready to be recorded, as the first ones.
   *
   * @returns false if a limit of the service is below what they may have; nothing is set then
   */
  beginWith(prepared: AttributePairs, sizes: TextSizes): boolean {
    const { limits } = this.origin;
    if (prepared.length > limits.attributeCount * 2 || !haveRoom(limits, sizes)) return false;
    this.pairs = prepared;
    if (sizes.cost > 0) this.extrasForWriting().bytes += sizes.cost;
    return true;
  }

  private setOne(key: string, value: unknown, isNew: boolean): void {
    if (value === undefined || value === null) return;
    if (!isKey(key)) {
      diag.warn('The key of an attribute is empty or not a string.');
      return;
    }
    const { limits } = this.origin;
    const recorded = recordedValue(value, limits);
    if (recorded === notRecordable) {
      diag.warn(`Invalid attribute value set for key: ${key}`);
      return;
    }
    this.set(key, shownValue(key, recorded, limits), isNew);
  }

  private set(key: string, value: RecordedValue, isNew: boolean): void {
    const { pairs, origin } = this;
    const { limits } = origin;
    const place = isNew ? -1 : this.placeOf(key);
    const cost = costOf(value);
    if (cost > 0) {
      const before = place === -1 ? 0 : costOf(pairs[place + 1]);
      const extras = this.extrasForWriting();
      if (extras.bytes + cost - before > limits.maxSpanBytes) {
        extras.droppedAttributesCount++;
        return;
      }
      extras.bytes += cost - before;
    }
    if (place !== -1) {
      pairs[place + 1] = value;
    } else if (pairs.length >= limits.attributeCount * 2 || key.length > limits.maxNameBytes) {
      const extras = this.extrasForWriting();
      extras.droppedAttributesCount++;
      extras.bytes -= cost;
    } else {
      this.extras.places?.set(key, pairs.length);
      pairs.push(key, value);
    }
  }

  private placeOf(key: string): number {
    const { pairs } = this;
    if (pairs.length <= maxLookedThrough * 2) return indexOfKey(pairs, key);
    const extras = this.extrasForWriting();
    if (!extras.places) {
      extras.places = new Map();
      for (let i = 0; i < pairs.length; i += 2) extras.places.set(pairs[i] as string, i);
    }
    return extras.places.get(key) ?? -1;
  }

  setAttributes(attributes: Attributes): this {
    if (this.hasEnded()) return this;
    // Keys of one object differ, so that the first ones need not be looked for.
    const areNew = this.pairs.length === 0;
    eachAttribute(attributes, (key, value) => this.setOne(key, value, areNew));
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, eventTime?: TimeInput): this {
    if (this.hasEnded()) return this;
    const { limits } = this.origin;
    const isTime =
      attributesOrTime !== undefined && attributesOrTime !== null && this.timeTo(attributesOrTime);
    const attributes = boundedAttributes(
      isTime ? undefined : attributesOrTime,
      limits.attributesPerEvent,
      limits,
    );
    if (!(eventTime !== undefined && eventTime !== null && this.timeTo(eventTime)) && !isTime) this.now();
    this.event(name, attributes);
    return this;
  }

  /** Whether it is a time; it is in `time` then. */
  private timeTo(given: unknown): boolean {
    return givenTimeTo(time, given as TimeInput, this.anchor);
  }

  /** Puts the present into `time`. */
  private now(): void {
    const monotonicMillis = performance.now();
    // A start that was given says nothing of how the monotonic clock stood then.
    monotonicTo(time, this.isStartGiven ? clockAnchor(monotonicMillis) : this.anchor, monotonicMillis);
  }

  /** Adds an event at the time that is in `time`. */
  private event(name: unknown, attributes: BoundedAttributes): void {
    const { seconds, nanos } = time;
    const { limits } = this.origin;
    const extras = this.extrasForWriting();
    const text = shownName(textOf(name), limits);
    const bytes = attributes.bytes + text.length;
    const { events } = extras;
    if (limits.eventCount === 0 || extras.bytes + bytes > limits.maxSpanBytes) {
      extras.droppedEventsCount++;
      return;
    }
    if (events.length >= limits.eventCount) {
      extras.bytes -= events.shift()?.bytes ?? 0;
      extras.droppedEventsCount++;
    }
    extras.bytes += bytes;
    const { pairs, droppedCount } = attributes;
    events.push({ name: text, seconds, nanos, pairs, droppedCount, bytes });
  }

  addLink(link: Link): this {
    if (this.hasEnded()) return this;
    const { limits } = this.origin;
    const context = linkedContext(link);
    if (!context) {
      diag.warn('A link without a span context is not recorded.');
      return this;
    }
    const extras = this.extrasForWriting();
    const { links } = extras;
    const { pairs, droppedCount, bytes } = boundedAttributes(
      attributesOf(link),
      limits.attributesPerLink,
      limits,
    );
    if (limits.linkCount === 0 || extras.bytes + bytes > limits.maxSpanBytes) {
      extras.droppedLinksCount++;
      return this;
    }
    if (links.length >= limits.linkCount) {
      extras.bytes -= links.shift()?.bytes ?? 0;
      extras.droppedLinksCount++;
    }
    extras.bytes += bytes;
    links.push({ context, pairs, droppedCount, bytes });
    return this;
  }

  addLinks(links: Link[]): this {
    if (this.hasEnded()) return this;
    try {
      // A list that has no end, or more links than a span can hold, must not stop the service.
      let room = this.origin.limits.linkCount + maxDroppedLinks;
      for (const link of links) {
        if (room-- <= 0) {
          diag.warn('A span does not take so many links at once. The rest are left out.');
          const left = Array.isArray(links)
            ? links.length - (this.origin.limits.linkCount + maxDroppedLinks)
            : 0;
          this.extrasForWriting().droppedLinksCount += left > 0 && left < 2 ** 31 ? left : 0;
          break;
        }
        this.addLink(link);
      }
    } catch {
      diag.warn('Links cannot be read.');
    }
    return this;
  }

  /** A status of `OK` is final; `ERROR` replaces what was before; `UNSET` changes nothing. */
  setStatus(status: SpanStatus): this {
    if (this.hasEnded()) return this;
    let code: unknown;
    let message: unknown;
    try {
      ({ code, message } = status);
    } catch {
      return this;
    }
    if (this.statusCode === SpanStatusCode.OK) return this;
    if (code === SpanStatusCode.OK) {
      this.statusCode = code;
      this.statusMessage = undefined;
    } else if (code === SpanStatusCode.ERROR) {
      this.statusCode = code;
      const isText = typeof message === 'string';
      if (!isText && message !== undefined && message !== null) {
        diag.warn(`The message of a status is not a string but of type ${typeof message}.`);
      }
      this.statusMessage = isText
        ? redactMessage(boundedMessage(message as string, this.origin.limits.maxValueBytes))
        : undefined;
    }
    return this;
  }

  updateName(name: string): this {
    if (!this.hasEnded()) this.name = shownName(textOf(name), this.origin.limits);
    return this;
  }

  recordException(exception: Exception, exceptionTime?: TimeInput): void {
    if (this.hasEnded()) return;
    const { limits } = this.origin;
    const pairs = exceptionAttributes(exception, limits);
    if (pairs.length === 0) {
      diag.warn('An exception without type and message is not recorded.');
      return;
    }
    if (exceptionTime === undefined || exceptionTime === null || !this.timeTo(exceptionTime)) this.now();
    // The limits of events in general hold for this one too.
    const attributes: Record<string, RecordedValue> = {};
    for (let i = 0; i < pairs.length; i += 2) attributes[pairs[i] as string] = pairs[i + 1];
    this.event('exception', boundedAttributes(attributes, limits.attributesPerEvent, limits));
  }

  end(endTime?: TimeInput): void {
    if (this.isEnded) {
      diag.error(`The span ${this.name} ${this.traceId}-${this.spanId} has already ended.`);
      return;
    }
    if (endTime === undefined || endTime === null || !this.timeTo(endTime)) this.now();
    this.endSeconds = time.seconds;
    this.endNanos = time.nanos;
    if (
      this.endSeconds < this.startSeconds ||
      (this.endSeconds === this.startSeconds && this.endNanos < this.startNanos)
    ) {
      if (endTime !== undefined)
        diag.warn(`The span ${this.name} ends before it starts. Its duration is set to 0.`);
      this.endSeconds = this.startSeconds;
      this.endNanos = this.startNanos;
    }
    this.isEnded = true;
    this.origin.ended(this);
    // Contexts may hold the span for much longer than it lasts; what was set is written.
    this.pairs = [];
    this.extras = noExtras;
  }

  private hasEnded(): boolean {
    if (this.isEnded) {
      diag.warn(
        `The span ${this.name} ${this.traceId}-${this.spanId} has ended and can no longer be changed.`,
      );
    }
    return this.isEnded;
  }

  private extrasForWriting(): Extras {
    if (this.extras === noExtras) this.extras = new Extras();
    return this.extras;
  }

  /**
   * What was set so far, for those who look at a span that lasts, as the SDK lets them: instrumentations and their
   * hooks do. Empty after the end.
   */
  get attributes(): Attributes {
    const attributes: Attributes = {};
    for (let i = 0; i < this.pairs.length; i += 2) {
      attributes[this.pairs[i] as string] = this.pairs[i + 1] as AttributeValue;
    }
    return attributes;
  }

  get status(): SpanStatus {
    return this.statusMessage === undefined
      ? { code: this.statusCode }
      : { code: this.statusCode, message: this.statusMessage };
  }

  get startTime(): HrTime {
    return [this.startSeconds, this.startNanos];
  }

  /** Of a span that has ended. */
  get durationSeconds(): number {
    return this.endSeconds - this.startSeconds + (this.endNanos - this.startNanos) / 1e9;
  }

  get ended(): boolean {
    return this.isEnded;
  }

  get isSampled(): boolean {
    return (this.traceFlags & TraceFlags.SAMPLED) !== 0;
  }
}

/** How many links beyond the limit are counted one by one. */
const maxDroppedLinks = 1_000;

/** Names without a secret: a service has few, and to look for secrets in one costs more than to find it here. */
const harmlessNames = new Set<string>();
/** One that makes up names must not fill the memory. */
const maxHarmlessNames = 1_000;
const maxHarmlessLength = 128;

/** The name of a span or an event. It should be low in cardinality, and some services put URLs and queries there. */
function shownName(name: string, limits: RecorderLimits): string {
  if (harmlessNames.has(name)) return name;
  const bounded = boundedMessage(name, limits.maxNameBytes);
  const shown = redactMessage(bounded);
  if (shown === name && name.length <= maxHarmlessLength && harmlessNames.size < maxHarmlessNames) {
    harmlessNames.add(copyOf(name));
  }
  return shown;
}

/** Converts a value that is not a string. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return '';
  }
}

function linkedContext(link: unknown): SpanContext | undefined {
  try {
    const { traceId, spanId, traceFlags, traceState, isRemote } = (link as Link).context;
    if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined;
    return { traceId, spanId, traceFlags, ...(traceState && { traceState }), ...(isRemote && { isRemote }) };
  } catch {
    return undefined;
  }
}

function attributesOf(link: Link): unknown {
  try {
    return link.attributes;
  } catch {
    return undefined;
  }
}
