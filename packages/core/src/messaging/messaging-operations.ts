import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  isSpanContextValid,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { type UnitOfWork, withUnitOfWork } from '../annotations/unit-of-work.js';
import { isName } from '../context/carrier.js';
import { type ContextFields, withContextFields } from '../context/context-fields.js';
import { callFailure } from '../model/call-failure.js';
import { errorType, recordError } from '../model/foreign-error.js';
import type {
  ConsumerGroupObservation,
  MessageHeaders,
  MessagingOperations,
  MessagingOutcome,
  ReceivedBatch,
  ReceivedMessage,
  SentMessages,
  StartedMessagingOperation,
} from '../plugin/messaging.js';
import { hasHeader, headerGetter, setHeader } from './message-headers.js';
import type { MessagingMetrics } from './messaging-metrics.js';

/** Links of one span: a batch may come from more producers than a viewer can show. */
const maxLinks = 64;
const maxKeyLength = 128;

/** The batch that messages are being processed of. */
const batchKey = createContextKey('throughline.messaging.batch');

interface RunningBatch {
  readonly span: Span;
  /** Whether its messages are processed one by one, and each records its own age. */
  isProcessedSingly: boolean;
}

/** What a suppressed operation gets: nothing is recorded, everything works. */
const notRecorded: StartedMessagingOperation = {
  span: undefined,
  run: (fn) => fn(),
  end() {},
};

type OperationName = 'send' | 'poll' | 'process' | 'process_batch';

/**
 * Spans, metrics and context of message brokers by the semantic conventions, alike for all clients.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 *
 * @param onReceived called when messages have been received, before they are processed
 */
export function createMessagingOperations(
  tracer: Tracer,
  metrics: MessagingMetrics,
  propagator: TextMapPropagator,
  onTearDown: (undo: () => void) => void = () => {},
  canonicalLine?: WriteCanonicalLine,
  onReceived: () => void = () => {},
): MessagingOperations {
  // When a plugin is switched on again, its earlier data about groups is out of date.
  const groups = new Set<ConsumerGroupObservation>();
  onTearDown(() => {
    for (const group of groups) group.left();
  });
  const fields = propagator.fields();
  // Baggage alone does not say which trace a message belongs to.
  const traceHeaders = fields.filter((name) => name !== 'baggage');
  const hasTraceContext = (headers: MessageHeaders) => traceHeaders.some((name) => hasHeader(headers, name));
  const remoteSpanContext = (headers: MessageHeaders, base: Context) =>
    trace.getSpanContext(propagator.extract(base, headers, headerGetter));

  return {
    headerNames: fields,

    startSend(sent) {
      const parent = context.active();
      if (isTracingSuppressed(parent)) return notRecorded;
      const linkedHeaders = sent.headers.filter(hasTraceContext);
      const attributes = attributesOf(sent, 'send', 'send');
      const { count } = sent;
      if (count > 1) attributes['messaging.batch.message_count'] = count;
      const span = tracer.startSpan(
        nameOf('send', sent.destination),
        { kind: SpanKind.PRODUCER, attributes, links: linksTo(linkedHeaders) },
        parent,
      );
      const spanContext = trace.setSpan(parent, span);
      inject(spanContext, sent.headers);
      return start(span, spanContext, (durationSeconds, type, failedCount = count) => {
        if (type !== undefined && failedCount < count) {
          metrics.sent(sent, count - failedCount, undefined, span);
          metrics.sent(sent, failedCount, type, span);
        } else metrics.sent(sent, count, type, span);
        metrics.operation(sent, 'send', durationSeconds, type, span);
      });
    },

    startReceive(received) {
      const parent = context.active();
      if (isTracingSuppressed(parent)) return notRecorded;
      const startTime = Date.now();
      const startMillis = performance.now();
      let ended = false;
      return {
        span: undefined,
        run: (fn) => fn(),
        end(outcome = {}) {
          if (ended) return;
          ended = true;
          const durationSeconds = (performance.now() - startMillis) / 1000;
          const { count = 0 } = outcome;
          if (count > 0) onReceived();
          const failure = isCancelled(outcome) ? undefined : failureOf(outcome);
          let span: Span | undefined;
          if (trace.getSpan(parent) && (count > 0 || failure)) {
            const attributes = attributesOf(received, 'poll', 'receive');
            const links = outcome.headers ? linksTo(outcome.headers) : [];
            const options = { kind: SpanKind.CLIENT, attributes, links, startTime };
            span = tracer.startSpan(nameOf('poll', received.destination), options, parent);
            describeOutcome(span, outcome, failure);
            span.end();
          }
          if (received.destination !== undefined && count > 0)
            metrics.consumed(received, count, failure, span);
          metrics.operation(received, 'poll', durationSeconds, failure, span);
        },
      };
    },

    startBatch(batch, { counted = false } = {}) {
      const active = context.active();
      if (isTracingSuppressed(active)) return notRecorded;
      const base = withContextFields(withoutSpan(active), logFieldsOf(batch));
      const attributes = attributesOf(batch, 'process_batch', 'process');
      attributes['messaging.batch.message_count'] = batch.count;
      const span = tracer.startSpan(
        nameOf('process_batch', batch.destination),
        { kind: SpanKind.CONSUMER, attributes, links: linksTo(batch.headers ?? [], base) },
        base,
      );
      if (!counted) metrics.consumed(batch, batch.count, undefined, span);
      const ageSeconds = ageOf(batch);
      const runningBatch: RunningBatch = { span, isProcessedSingly: false };
      const work: UnitOfWork = { span };
      const running = withUnitOfWork(trace.setSpan(base, span).setValue(batchKey, runningBatch), work);
      return start(span, running, (durationSeconds, type) => {
        metrics.processed(batch, 'process_batch', durationSeconds, type, span);
        work.isOver = true;
        if (runningBatch.isProcessedSingly) return;
        if (ageSeconds !== undefined) metrics.age(batch, ageSeconds, span);
        writeLine('process_batch', batch, durationSeconds, type, ageSeconds, work, running);
      });
    },

    startProcess(message, { relation = 'child', counted = false } = {}) {
      const active = context.active();
      if (isTracingSuppressed(active)) return notRecorded;
      const batch = active.getValue(batchKey) as RunningBatch | undefined;
      if (batch) batch.isProcessedSingly = true;
      const batchSpan = batch?.span;
      const base = withContextFields(withoutSpan(active), logFieldsOf(message));
      const { headers } = message;
      const extracted = headers ? propagator.extract(base, headers, headerGetter) : base;
      const producer = trace.getSpanContext(extracted);
      const links: Link[] = [];
      let parent = extracted;
      // A trace may come without a span, which nothing can link to: then this is its first.
      const hasSpan = producer !== undefined && isSpanContextValid(producer);
      if (producer && (relation === 'child' || !hasSpan)) {
        if (batchSpan) links.push({ context: batchSpan.spanContext() });
      } else {
        if (producer) links.push({ context: producer });
        parent = batchSpan ? trace.setSpan(extracted, batchSpan) : trace.deleteSpan(extracted);
      }
      const span = tracer.startSpan(
        nameOf('process', message.destination),
        { kind: SpanKind.CONSUMER, attributes: attributesOf(message, 'process', 'process'), links },
        parent,
      );
      if (!batchSpan && !counted) metrics.consumed(message, 1, undefined, span);
      const ageSeconds = ageOf(message);
      if (ageSeconds !== undefined) metrics.age(message, ageSeconds, span);
      const work: UnitOfWork = { span };
      const running = withUnitOfWork(trace.setSpan(parent, span), work);
      return start(span, running, (durationSeconds, type) => {
        metrics.processed(message, 'process', durationSeconds, type, span);
        work.isOver = true;
        writeLine('process', message, durationSeconds, type, ageSeconds, work, running);
      });
    },

    runInContext({ headers, logFields }, fn) {
      const active = context.active();
      if (isTracingSuppressed(active)) return fn();
      const base = withContextFields(withoutSpan(active), logFields ?? {});
      return context.with(headers ? propagator.extract(base, headers, headerGetter) : base, fn);
    },

    countConsumed: (labels, count) =>
      metrics.consumed(labels, count, undefined, trace.getSpan(context.active())),
    injectHeaders: (headers) => inject(context.active(), [headers]),
    observeGroup(system, consumerGroup) {
      const { lag, rebalanced, left } = observeGroup(metrics, system, consumerGroup);
      const group: ConsumerGroupObservation = {
        lag(...args) {
          groups.add(group);
          lag(...args);
        },
        rebalanced,
        left() {
          groups.delete(group);
          left();
        },
      };
      return group;
    },
  };

  function writeLine(
    operation: 'process' | 'process_batch',
    about: ReceivedMessage | ReceivedBatch,
    durationSeconds: number,
    type: string | undefined,
    ageSeconds: number | undefined,
    work: UnitOfWork,
    context: Context,
  ): void {
    canonicalLine?.({
      event: 'messaging.process',
      level: type === undefined ? 'info' : 'error',
      message: nameOf(operation, about.destination),
      fields: {
        messaging_system: about.system,
        messaging_operation_name: operation,
        messaging_destination_name: about.destination,
        messaging_consumer_group_name: about.consumerGroup,
        messaging_batch_message_count: 'count' in about ? about.count : undefined,
        error_type: type,
        message_age_seconds: ageSeconds,
      },
      durationSeconds,
      work,
      context,
    });
  }

  /** Names of the trace context have one spelling; an old header may be there in another one. */
  function isThere(headers: MessageHeaders, name: string): boolean {
    if (hasHeader(headers, name)) return true;
    if (fields.includes(name)) return false;
    const lower = name.toLowerCase();
    return headerGetter.keys(headers).some((key) => isName(key, lower));
  }

  /** Writes the context into all headers that have none. */
  function inject(source: Context, targets: readonly MessageHeaders[]): void {
    const injected: Record<string, string> = {};
    propagator.inject(source, injected, {
      set(carrier, name, value) {
        carrier[name] = value;
      },
    });
    const names = Object.keys(injected);
    for (const headers of targets) {
      if (hasTraceContext(headers)) continue;
      for (const name of names) if (!isThere(headers, name)) setHeader(headers, name, injected[name] ?? '');
    }
  }

  function linksTo(headers: readonly (MessageHeaders | undefined)[], base: Context = ROOT_CONTEXT): Link[] {
    const links = new Map<string, Link>();
    for (const one of headers) {
      if (links.size === maxLinks) break;
      const spanContext = one && remoteSpanContext(one, base);
      if (spanContext && isSpanContextValid(spanContext)) {
        links.set(spanContext.traceId + spanContext.spanId, { context: spanContext });
      }
    }
    return [...links.values()];
  }
}

type Ended = (
  durationSeconds: number,
  errorType: string | undefined,
  failedCount: number | undefined,
) => void;

function start(span: Span, running: Context, onEnd: Ended): StartedMessagingOperation {
  return new RecordedMessagingOperation(span, running, onEnd);
}

class RecordedMessagingOperation implements StartedMessagingOperation {
  private readonly startMillis = performance.now();
  private ended = false;

  constructor(
    readonly span: Span,
    private readonly running: Context,
    private readonly onEnd: Ended,
  ) {}

  run<T>(fn: () => T): T {
    return context.with(this.running, fn);
  }

  end(outcome: MessagingOutcome = {}): void {
    if (this.ended) return;
    this.ended = true;
    const durationSeconds = (performance.now() - this.startMillis) / 1000;
    const { span } = this;
    const failure = failureOf(outcome);
    describeOutcome(span, outcome, failure);
    span.end();
    this.onEnd(durationSeconds, failure, outcome.failedCount);
  }
}

/** Never negative, even if clocks differ; undefined if the broker sent no time. */
function ageOf({ timestampMillis }: ReceivedMessage | ReceivedBatch): number | undefined {
  const millis = Number(timestampMillis ?? Number.NaN);
  return millis > 0 ? Math.max(0, Date.now() - millis) / 1000 : undefined;
}

/** `error.type` for any thrown value; undefined for success. */
function failureOf(outcome: MessagingOutcome): string | undefined {
  return 'error' in outcome ? (outcome.errorType ?? errorType(outcome.error)) : undefined;
}

/** A consumer that stops cancels the call in which it waits for messages. */
function isCancelled({ error, errorType }: MessagingOutcome): boolean {
  return errorType === undefined && error !== undefined && callFailure(error) === undefined;
}

function describeOutcome(span: Span, outcome: MessagingOutcome, failure: string | undefined): void {
  if (failure !== undefined) {
    recordError(span, outcome.error, failure);
  }
  if (outcome.count !== undefined) span.setAttribute('messaging.batch.message_count', outcome.count);
  if (outcome.attributes) span.setAttributes(outcome.attributes);
}

/** A consumer's loop runs in the context in which it was started; that span and baggage are not a message's. */
function withoutSpan(active: Context): Context {
  const base = trace.getSpanContext(active) ? trace.deleteSpan(active) : active;
  return propagation.getBaggage(base) ? propagation.deleteBaggage(base) : base;
}

function nameOf(operation: OperationName, destination: string | undefined): string {
  return destination === undefined ? operation : `${operation} ${destination}`;
}

function attributesOf(
  about: SentMessages | ReceivedMessage | ReceivedBatch,
  operationName: OperationName,
  operationType: 'send' | 'receive' | 'process',
): Attributes {
  const attributes: Attributes = {
    'messaging.system': about.system,
    'messaging.operation.name': operationName,
    'messaging.operation.type': operationType,
  };
  const { destination, partition, offset, key, consumerGroup, clientId, tombstone, messageId } =
    about as ReceivedMessage & SentMessages;
  if (destination !== undefined) attributes['messaging.destination.name'] = destination;
  if (partition !== undefined) attributes['messaging.destination.partition.id'] = String(partition);
  if (consumerGroup !== undefined) attributes['messaging.consumer.group.name'] = consumerGroup;
  if (clientId !== undefined) attributes['messaging.client.id'] = clientId;
  if (messageId !== undefined) attributes['messaging.message.id'] = messageId;
  if (about.attributes) Object.assign(attributes, about.attributes);
  if (about.system === 'kafka') {
    if (offset !== undefined) attributes['messaging.kafka.offset'] = Number(offset);
    const text = key === undefined || key === null ? undefined : textKey(key);
    if (text !== undefined) attributes['messaging.kafka.message.key'] = text;
    if (tombstone === true) attributes['messaging.kafka.message.tombstone'] = true;
  }
  return attributes;
}

/** A key that a person can read, cut; undefined for binary ones. */
function textKey(key: unknown): string | undefined {
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return undefined;
  const text =
    typeof key === 'string'
      ? key
      : Buffer.from(key.buffer, key.byteOffset, Math.min(key.byteLength, 4 * maxKeyLength)).toString('utf8');
  const cut = text.slice(0, maxKeyLength);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters distinguish binary values from text
  return cut === '' || /[\u0000-\u001F\u007F\uFFFD]/.test(cut) ? undefined : cut;
}

function logFieldsOf(message: ReceivedBatch | ReceivedMessage): ContextFields {
  const { destination, partition, offset, logFields } = message as ReceivedMessage;
  if (logFields) return logFields;
  const fields: Record<string, string | number> = {};
  if (destination !== undefined) fields.topic = destination;
  if (partition !== undefined) fields.partition = partition;
  if (offset !== undefined) fields.offset = typeof offset === 'number' ? offset : String(offset);
  return fields;
}

/** Lag belongs to the assignment: if another consumer takes over a partition, its lag is no longer reported here. */
function observeGroup(
  metrics: MessagingMetrics,
  system: string,
  consumerGroup: string,
): ConsumerGroupObservation {
  const known = new Map<string, () => void>();
  const forget = () => {
    for (const remove of known.values()) remove();
    known.clear();
  };
  return {
    lag(destination, partition, messages) {
      const labels = { system, destination, consumerGroup };
      metrics.lag(labels, String(partition), messages);
      const name = `${destination}/${partition}`;
      if (!known.has(name)) known.set(name, () => metrics.forgetLag(labels, String(partition)));
    },
    rebalanced() {
      forget();
      metrics.rebalanced({ system, consumerGroup });
    },
    left: forget,
  };
}
