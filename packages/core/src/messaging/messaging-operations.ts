import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  type Span,
  SpanKind,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { WriteCanonicalLine } from '../annotations/canonical-line.js';
import { type UnitOfWork, withUnitOfWork } from '../annotations/unit-of-work.js';
import { withContextFields } from '../context/context-fields.js';
import { RemoteSpan } from '../context/remote-span.js';
import { callFailure } from '../model/call-failure.js';
import type {
  ConsumerGroupObservation,
  MessagingOperations,
  MessagingOutcome,
  ReceivedBatch,
  ReceivedMessage,
  SentMessages,
  StartedMessagingOperation,
} from '../plugin/messaging.js';
import { startUnixMillis } from '../recorder/span/recorded-duration.js';
import { KnownOperations } from './known-operations.js';
import { attributesOf, nameOf } from './message-attributes.js';
import { MessageContext, runningBatchOf } from './message-context.js';
import { MessageSpanOptions } from './message-span-options.js';
import { MessageTrace } from './message-trace.js';
import type { MessagingMetrics } from './messaging-metrics.js';
import { describeOutcome, type Ended, failureOf, RecordedOperation } from './started-operation.js';

/** What a suppressed operation gets: nothing is recorded, everything works. */
const notRecorded: StartedMessagingOperation = {
  span: undefined,
  run: (fn) => fn(),
  end() {},
};

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
  const messageTrace = new MessageTrace(propagator);
  const sends = new KnownOperations('send', metrics);
  const processed = new KnownOperations('process', metrics);
  const processedBatches = new KnownOperations('process_batch', metrics);

  const sendEnded: Ended<SentMessages> = (operation, durationSeconds, type, failed) => {
    const { about, span, known } = operation;
    const { count } = about;
    if (type === undefined) {
      const exemplar = operation.exemplarLabels();
      known.metrics.messages.record(count, exemplar, operation.endMillis);
      known.metrics.duration.record(durationSeconds, exemplar, operation.endMillis);
      return;
    }
    const failedCount = failed ?? count;
    if (failedCount < count) metrics.sent(about, count - failedCount, undefined, span);
    metrics.sent(about, Math.min(failedCount, count), type, span);
    metrics.operation(about, 'send', durationSeconds, type, span);
  };

  const batchEnded: Ended<ReceivedBatch> = (operation, durationSeconds, type) => {
    recordProcessed('process_batch', operation, durationSeconds, type);
    if (operation.batch?.isProcessedSingly) return;
    const { ageSeconds } = operation;
    if (ageSeconds !== undefined) {
      operation.known.metrics.age.record(ageSeconds, operation.exemplarLabels(), operation.endMillis);
    }
    writeLine('process_batch', operation, durationSeconds, type);
  };

  const processEnded: Ended<ReceivedMessage> = (operation, durationSeconds, type) => {
    recordProcessed('process', operation, durationSeconds, type);
    writeLine('process', operation, durationSeconds, type);
  };

  return {
    headerNames: messageTrace.fields,

    startSend(sent) {
      const parent = context.active();
      if (isTracingSuppressed(parent)) return notRecorded;
      const known = sends.of(sent);
      const links = messageTrace.linksToCarried(sent.headers);
      const options = new MessageSpanOptions(SpanKind.PRODUCER, links, 'send', known, sent);
      const span = tracer.startSpan(known.spanName, options, parent);
      messageTrace.injectSpan(span, parent, sent.headers);
      return new RecordedOperation(span, sent, known, parent, undefined, sendEnded);
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
            const attributes = attributesOf('poll', received);
            const links = outcome.headers ? messageTrace.linksTo(outcome.headers) : [];
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
      const known = processedBatches.of(batch);
      const running = new MessageContext(active, batch);
      const links = messageTrace.linksTo(batch.headers ?? [], running);
      const options = new MessageSpanOptions(SpanKind.CONSUMER, links, 'process_batch', known, batch);
      const span = tracer.startSpan(known.spanName, options, running);
      const operation = new RecordedOperation(span, batch, known, running, running, batchEnded);
      const now = startUnixMillis(span);
      if (!counted) known.metrics.messages.record(batch.count, operation.exemplarLabels(), now);
      operation.ageSeconds = ageOf(batch, now);
      operation.batch = { span, isProcessedSingly: false };
      operation.work = newWork(span);
      running.begin(span, operation.work, operation.batch);
      return operation;
    },

    startProcess(message, { relation = 'child', counted = false } = {}) {
      const active = context.active();
      if (isTracingSuppressed(active)) return notRecorded;
      const batch = runningBatchOf(active);
      if (batch) batch.isProcessedSingly = true;
      const known = processed.of(message);
      const own = new MessageContext(active, message);
      const { parent, links } = startingPoint(own, message, relation, batch?.span);
      const options = new MessageSpanOptions(SpanKind.CONSUMER, links, 'process', known, message);
      const span = tracer.startSpan(known.spanName, options, parent);
      const work = newWork(span);
      let running = parent;
      if (parent === own) own.begin(span, work, batch);
      else running = withUnitOfWork(trace.setSpan(parent, span), work);
      const operation = new RecordedOperation(span, message, known, parent, running, processEnded);
      operation.work = work;
      const now = startUnixMillis(span);
      if (!batch && !counted) known.metrics.messages.record(1, operation.exemplarLabels(), now);
      const ageSeconds = ageOf(message, now);
      operation.ageSeconds = ageSeconds;
      if (ageSeconds !== undefined) known.metrics.age.record(ageSeconds, operation.exemplarLabels(), now);
      return operation;
    },

    runInContext({ headers, logFields }, fn) {
      const active = context.active();
      if (isTracingSuppressed(active)) return fn();
      const base = withContextFields(withoutSpan(active), logFields ?? {});
      return context.with(headers ? messageTrace.extract(base, headers) : base, fn);
    },

    countConsumed: (labels, count) =>
      metrics.consumed(labels, count, undefined, trace.getSpan(context.active())),
    injectHeaders: (headers) => messageTrace.inject(context.active(), [headers]),
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

  /** Where the span of a message begins: in the trace of its producer, or with a link to it. */
  function startingPoint(
    own: MessageContext,
    { headers }: ReceivedMessage,
    relation: 'child' | 'link',
    batchSpan: Span | undefined,
  ): { readonly parent: Context; readonly links: Link[] } {
    const simple = headers && messageTrace.simpleParent(headers);
    const extracted = headers && !simple ? messageTrace.extract(own, headers) : own;
    const producer = simple ?? trace.getSpanContext(extracted);
    // A trace may come without a span, which nothing can link to: then this is its first.
    const isChild = producer !== undefined && (relation === 'child' || !isSpanContextValid(producer));
    const linked = isChild ? batchSpan?.spanContext() : producer;
    const links = linked === undefined ? noLinks : [{ context: linked }];
    if (extracted === own) {
      own.span = isChild ? simple && new RemoteSpan(simple) : batchSpan;
      return { parent: own, links };
    }
    if (isChild) return { parent: extracted, links };
    const parent = batchSpan ? trace.setSpan(extracted, batchSpan) : trace.deleteSpan(extracted);
    return { parent, links };
  }

  function recordProcessed<A extends ReceivedMessage | ReceivedBatch>(
    name: 'process' | 'process_batch',
    operation: RecordedOperation<A>,
    durationSeconds: number,
    type: string | undefined,
  ): void {
    const { about, span, known, work } = operation;
    if (type === undefined) {
      known.metrics.duration.record(durationSeconds, operation.exemplarLabels(), operation.endMillis);
    } else metrics.processed(about, name, durationSeconds, type, span);
    if (work) work.isOver = true;
  }

  function writeLine<A extends ReceivedMessage | ReceivedBatch>(
    name: 'process' | 'process_batch',
    { about, known, ageSeconds, work, context }: RecordedOperation<A>,
    durationSeconds: number,
    type: string | undefined,
  ): void {
    canonicalLine?.({
      event: 'messaging.process',
      level: type === undefined ? 'info' : 'error',
      message: known.spanName,
      fields: {
        messaging_system: about.system,
        messaging_operation_name: name,
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
}

const noLinks = Object.freeze<Link[]>([]) as Link[];

/** With all members from the start: what is added later gives the object another shape. */
function newWork(span: Span): UnitOfWork {
  return { span, annotations: undefined, isOver: false };
}

/** Never negative, even if clocks differ; undefined if the broker sent no time. */
function ageOf({ timestampMillis }: ReceivedMessage | ReceivedBatch, nowMillis: number): number | undefined {
  const millis = Number(timestampMillis ?? Number.NaN);
  return millis > 0 ? Math.max(0, nowMillis - millis) / 1000 : undefined;
}

/** A consumer that stops cancels the call in which it waits for messages. */
function isCancelled({ error, errorType }: MessagingOutcome): boolean {
  return errorType === undefined && error !== undefined && callFailure(error) === undefined;
}

/** A consumer's loop runs in the context in which it was started; that span and baggage are not a message's. */
function withoutSpan(active: Context): Context {
  const base = trace.getSpanContext(active) ? trace.deleteSpan(active) : active;
  return propagation.getBaggage(base) ? propagation.deleteBaggage(base) : base;
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
