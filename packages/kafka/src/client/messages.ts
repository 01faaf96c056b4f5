import type { MessageHeaders, ReceivedMessage, StartedMessagingOperation } from '@throughline/core/plugin';
import { currentOperations, type Operations, runIn, tryStart } from './operations.js';

/** A message as the clients deliver it: kafkajs, @platformatic/kafka, node-rdkafka, or any other. */
export interface KafkaMessage {
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: string | number | bigint | undefined;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly timestamp?: string | number | bigint | undefined;
  readonly groupId?: string | undefined;
  readonly clientId?: string | undefined;
}

/** What kafkajs hands to `eachMessage`. */
export interface MessagePayload {
  readonly topic: string;
  readonly partition?: number | undefined;
  readonly groupId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly message: KafkaMessage;
}

/** A batch of one partition, as kafkajs has it. */
export interface MessageBatch<M extends KafkaMessage = KafkaMessage> {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly M[];
}

/** What kafkajs hands to `eachBatch`. */
export interface BatchPayload<M extends KafkaMessage = KafkaMessage> {
  readonly batch: MessageBatch<M>;
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  isRunning(): boolean;
  isStale(): boolean;
}

export type MessageOf<B> = B extends { readonly batch: { readonly messages: readonly (infer M)[] } }
  ? M
  : B extends { readonly messages: readonly (infer M)[] }
    ? M
    : B extends Iterable<infer M> | AsyncIterable<infer M>
      ? M
      : never;

/**
 * Writes the trace context into the headers of a message that a client sends which Throughline does not know.
 * Headers that carry a context already keep it.
 *
 * @param headers an object, a Map, or a list of objects, as node-rdkafka has them
 * @returns the same headers
 *
 * @example
 * await ownClient.publish('orders', { value, headers: injectHeaders({ source: 'shop' }) });
 */
export function injectHeaders<H extends MessageHeaders = Record<string, unknown>>(headers: H = {} as H): H {
  tryStart(() => currentOperations()?.messaging.injectHeaders(headers));
  return headers;
}

/**
 * Runs a handler in the context of the message that it handles. The handler continues the producer's trace, and a span
 * `process <topic>` records its duration and its error.
 *
 * @param message the message, or what kafkajs hands to `eachMessage`
 * @returns what the handler returns
 *
 * @example
 * for await (const message of stream) await runWithMessage(message, (message) => store(message.value));
 */
export function runWithMessage<M extends KafkaMessage | MessagePayload, T>(
  message: M,
  handler: (message: M) => T,
): T {
  const started = startProcess(message);
  return started ? runIn(started, () => handler(message)) : handler(message);
}

function startProcess(message: KafkaMessage | MessagePayload): StartedMessagingOperation | undefined {
  const operations = currentOperations();
  if (!operations) return undefined;
  try {
    const { messaging, relation } = operations;
    return messaging.startProcess(receivedMessage(message), { relation, counted: isCounted(message) });
  } catch {
    return undefined;
  }
}

/**
 * Handles the messages of a batch one after the other, each in the context of its own producer, with a link to
 * the batch. With the payload of kafkajs' `eachBatch` it resolves the offset of each message when its handler is
 * done, sends heartbeats, and stops when the consumer does.
 *
 * @param batch a kafkajs batch or `eachBatch` payload, a list of messages, or a stream of them
 *
 * @example
 * await consumer.run({
 *   eachBatchAutoResolve: false,
 *   eachBatch: (payload) => forEachMessage(payload, async (message) => store(message.value)),
 * });
 */
export async function forEachMessage<
  B extends MessageBatch | BatchPayload | Iterable<KafkaMessage> | AsyncIterable<KafkaMessage>,
>(batch: B, handler: (message: MessageOf<B>) => unknown): Promise<void> {
  const payload = 'batch' in batch ? (batch as BatchPayload) : undefined;
  const ofPartition = payload?.batch ?? (isOfPartition(batch) ? batch : undefined);
  const consumer = ofPartition && consumers.get(ofPartition);
  const messages = ofPartition?.messages ?? (batch as Iterable<KafkaMessage> | AsyncIterable<KafkaMessage>);
  const handleOne = (message: KafkaMessage): unknown => {
    const handle = () => handler(message as MessageOf<B>);
    if (ofPartition === undefined) return runWithMessage(message, handle);
    const started = startInBatch(ofPartition, message, consumer);
    return started ? runIn(started, handle) : handle();
  };
  if (!payload) {
    for await (const message of messages) await handleOne(message);
    return;
  }
  let heartbeatMillis = Number.NEGATIVE_INFINITY;
  // A list, so that nothing has to be awaited for the next one.
  for (const message of payload.batch.messages) {
    if (!payload.isRunning() || payload.isStale()) return;
    await handleOne(message);
    payload.resolveOffset(String(message.offset));
    // The client sends one every few seconds; to ask it after each message would cost as much as a short handler.
    const nowMillis = performance.now();
    if (nowMillis - heartbeatMillis < minHeartbeatMillis) continue;
    heartbeatMillis = nowMillis;
    await payload.heartbeat();
  }
}

/** Far below the interval of heartbeats, which is 3 s by default. */
const minHeartbeatMillis = 20;

function startInBatch(
  { topic, partition }: MessageBatch,
  message: KafkaMessage,
  consumer: ConsumerIdentity | undefined,
): StartedMessagingOperation | undefined {
  const operations = currentOperations();
  if (!operations) return undefined;
  try {
    if (consumer !== undefined) return startOfConsumer(topic, partition, message, consumer, operations);
    const received = receivedMessage({ topic, partition, message });
    return operations.messaging.startProcess(received, { relation: operations.relation });
  } catch {
    return undefined;
  }
}

/** Starts the processing of a message of which everything is known. It throws what the message's fields throw. */
export function startOfConsumer(
  topic: string | undefined,
  partition: number | undefined,
  { offset, key, value, headers, timestamp }: KafkaMessage,
  { groupId, clientId }: ConsumerIdentity,
  operations: Operations,
): StartedMessagingOperation {
  return operations.messaging.startProcess(
    {
      system: 'kafka',
      destination: topic,
      partition,
      offset,
      key,
      tombstone: isTombstone(key, value),
      headers: isHeaders(headers) ? headers : undefined,
      timestampMillis: timestamp,
      consumerGroup: groupId,
      clientId,
    },
    operations,
  );
}

/** node-rdkafka's stream has `messages` too, those that it has not handed out yet. */
function isOfPartition(batch: object): batch is MessageBatch {
  return 'messages' in batch && 'topic' in batch;
}

/** What spans say of a consumer. The client's id becomes known when the consumer runs. */
export interface ConsumerIdentity {
  readonly groupId: string | undefined;
  clientId?: string | undefined;
}

const consumers = new WeakMap<object, ConsumerIdentity>();

/** So that `forEachMessage` and `runWithMessage` know whose batch or message they have. */
export function rememberConsumer(batchOrMessage: object, consumer: ConsumerIdentity): void {
  consumers.set(batchOrMessage, consumer);
}

/** Messages that were counted as consumed when their client delivered them. */
const counted = new WeakSet<object>();

export function markCounted(message: object): void {
  counted.add(message);
}

function isCounted(message: KafkaMessage | MessagePayload): boolean {
  return counted.has(message);
}

interface WithMetadata {
  readonly metadata?: { readonly consumer?: { readonly groupId?: string } };
}

function receivedMessage(given: KafkaMessage | MessagePayload): ReceivedMessage {
  const message: KafkaMessage & WithMetadata = 'message' in given ? given.message : given;
  const { headers, key, value } = message;
  const consumer = consumers.get(message);
  return {
    system: 'kafka',
    destination: given.topic ?? message.topic,
    partition: given.partition ?? message.partition,
    offset: message.offset,
    key,
    tombstone: isTombstone(key, value),
    headers: isHeaders(headers) ? headers : undefined,
    timestampMillis: message.timestamp,
    consumerGroup: given.groupId ?? message.metadata?.consumer?.groupId ?? consumer?.groupId,
    clientId: given.clientId ?? consumer?.clientId,
  };
}

export function isTombstone(key: unknown, value: unknown): boolean {
  return value === null && key !== null && key !== undefined;
}

function isHeaders(headers: unknown): headers is MessageHeaders {
  return typeof headers === 'object' && headers !== null;
}
