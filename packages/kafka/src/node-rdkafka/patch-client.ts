import {
  exportedPrototype,
  type Method,
  patchOnce,
  type StartedMessagingOperation,
} from '@throughline/core/plugin';
import {
  type ConsumerIdentity,
  isTombstone,
  type KafkaMessage,
  markCounted,
  rememberConsumer,
} from '../client/messages.js';
import { type Operations, runIn, tryStart } from '../client/operations.js';
import { observeGroupEvents } from './consumer-group.js';

/** What node-rdkafka and the API that @confluentinc/kafka-javascript has of it have in common. */
interface RdKafkaClient {
  readonly globalConfig?: Readonly<Record<string, unknown>>;
  readonly _cb_configs?: { readonly event?: Readonly<Record<string, unknown>> };
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): boolean;
  listenerCount(event: string): number;
}

interface RdKafkaMessage extends KafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers?: Record<string, unknown>[];
}

type ProducerCallback = (this: unknown, error: unknown, result?: unknown) => unknown;

/** Whether a call belongs to another API on top of this one, which is observed itself. */
export type IsInner = (client: RdKafkaClient) => boolean;

const never: IsInner = () => false;

/** Producers, standard and high-level, and consumers, by callback, by event and as streams. */
export function patchClient(
  moduleExports: unknown,
  operations: Operations,
  isInnerSend: () => boolean = () => false,
  isInnerConsumer: IsInner = never,
): () => void {
  const producerPrototype = exportedPrototype(moduleExports, 'Producer');
  const consumerPrototype = exportedPrototype(moduleExports, 'KafkaConsumer');
  return patchOnce(producerPrototype, 'kafka', (patch) => {
    const isObserved = (client: RdKafkaClient) => {
      // Also for consumers of the other API, because their underlying client gets the event.
      tryStart(() => observeGroupEvents(client, identityOf(client), operations, () => patch.active));
      return patch.active && !isInnerConsumer(client);
    };
    patch.replace(producerPrototype, 'produce', (original) =>
      observeProduce(original, operations, () => patch.active && !isInnerSend()),
    );
    patch.replace(consumerPrototype, '_consumeNum', (original) =>
      observeConsumeNumber(original, operations, isObserved),
    );
    patch.replace(consumerPrototype, '_consumeLoop', (original) =>
      observeConsumeLoop(original, operations, isObserved),
    );
  });
}

/** Sends that wait for the report of their delivery, by the object that the report hands back. */
const undelivered = new WeakMap<object, StartedMessagingOperation>();
const withReports = new WeakSet<object>();

interface DeliveryReport {
  readonly opaque?: unknown;
  readonly partition?: number;
  readonly offset?: number;
}

function observeProduce(original: Method, { messaging }: Operations, isActive: () => boolean): Method {
  return function produce(
    this: RdKafkaClient,
    topic: unknown,
    partition: unknown,
    value: unknown,
    key: unknown,
    timestamp: unknown,
    opaque: unknown,
    headers: unknown,
    ...rest: unknown[]
  ) {
    // As a list, which the client takes; a copy, because the service may send its own again.
    const copy: Record<string, unknown>[] = Array.isArray(headers) ? [...headers] : [];
    const started = isActive()
      ? tryStart(() =>
          typeof topic !== 'string' || topic === ''
            ? undefined
            : messaging.startSend({
                system: 'kafka',
                destination: topic,
                clientId: clientIdOf(this),
                count: 1,
                headers: [copy],
                partition: typeof partition === 'number' && partition >= 0 ? partition : undefined,
                key,
                tombstone: isTombstone(key, value),
              }),
        )
      : undefined;
    if (!started) {
      return original.call(this, topic, partition, value, key, timestamp, opaque, headers, ...rest);
    }
    const sent = copy.length > 0 || headers !== undefined ? copy : undefined;
    try {
      const result = original.call(this, topic, partition, value, key, timestamp, opaque, sent, ...rest);
      if (isObject(opaque) && this._cb_configs?.event?.delivery_cb) {
        undelivered.set(opaque, started);
        followReports(this);
      } else {
        started.end();
      }
      return result;
    } catch (error) {
      started.end({ error });
      throw error;
    }
  };
}

function followReports(producer: RdKafkaClient): void {
  if (withReports.has(producer)) return;
  withReports.add(producer);
  producer.on('delivery-report', (error: unknown, report?: DeliveryReport) => {
    const { opaque, partition, offset } = report ?? {};
    if (!isObject(opaque)) return;
    const attributes = {
      ...(typeof partition === 'number' && partition >= 0
        ? { 'messaging.destination.partition.id': String(partition) }
        : {}),
      ...(typeof offset === 'number' && offset >= 0 ? { 'messaging.kafka.offset': offset } : {}),
    };
    undelivered.get(opaque)?.end(error ? { error, attributes } : { attributes });
    undelivered.delete(opaque);
  });
}

/** `consume(number, callback)`: the callback runs in the span of the batch, `data` listeners in that of each message. */
function observeConsumeNumber(
  original: Method,
  operations: Operations,
  isObserved: (client: RdKafkaClient) => boolean,
): Method {
  return function consumeNumber(
    this: RdKafkaClient,
    timeoutMillis: number,
    count: number,
    callback: ProducerCallback,
    ...rest: unknown[]
  ) {
    if (!isObserved(this)) return original.call(this, timeoutMillis, count, callback, ...rest);
    const { messaging } = operations;
    const identity = identityOf(this);
    const from = { system: 'kafka', consumerGroup: identity.groupId, clientId: identity.clientId };
    const poll = tryStart(() => messaging.startReceive(from));
    tryStart(() => observeDataEvents(this, identity, operations));
    // Before the events of the messages. The client's stream has no such events.
    const isStream = callback?.name === 'onread';
    function observed(this: unknown, error: unknown, result?: unknown): unknown {
      const messages = Array.isArray(result) ? (result as RdKafkaMessage[]) : [];
      tryStart(() => {
        poll?.end(error ? { error } : { count: messages.length });
        for (const message of messages) received(message, identity, operations);
      });
      const call = () => callback.call(this, error, result);
      if (error || isStream || messages.length === 0) return call();
      const batch = tryStart(() => messaging.startBatch(batchOf(messages, identity), { counted: true }));
      return batch ? runIn(batch, call) : call();
    }
    return original.call(this, timeoutMillis, count, observed, ...rest);
  };
}

/** `consume(callback)`: messages as they come, as an event and to the callback. */
function observeConsumeLoop(
  original: Method,
  operations: Operations,
  isObserved: (client: RdKafkaClient) => boolean,
): Method {
  return function consumeLoop(
    this: RdKafkaClient,
    timeoutMillis: number,
    callback: ProducerCallback,
    ...rest: unknown[]
  ) {
    if (!isObserved(this)) return original.call(this, timeoutMillis, callback, ...rest);
    const identity = identityOf(this);
    tryStart(() => observeDataEvents(this, identity, operations));
    const consumer = this;
    function observed(this: unknown, error: unknown, result?: unknown): unknown {
      const call = () => callback.call(this, error, result);
      if (error || !isObject(result)) return call();
      // With a listener, the message has been processed by now.
      return consumer.listenerCount('data') > 0
        ? call()
        : process(result as RdKafkaMessage, identity, operations, call);
    }
    return original.call(this, timeoutMillis, observed, ...rest);
  };
}

const withEvents = new WeakSet<object>();

/** Listeners to `data` run in the context of the message; their span ends when they return. */
function observeDataEvents(
  consumer: RdKafkaClient,
  identity: ConsumerIdentity,
  operations: Operations,
): void {
  if (withEvents.has(consumer)) return;
  withEvents.add(consumer);
  const { emit } = consumer;
  consumer.emit = function observedEmit(event, ...args) {
    const call = () => emit.call(this, event, ...args);
    return event === 'data' && isObject(args[0]) && this.listenerCount('data') > 0
      ? process(args[0] as unknown as RdKafkaMessage, identity, operations, call)
      : call();
  };
}

function process<T>(
  message: RdKafkaMessage,
  identity: ConsumerIdentity,
  operations: Operations,
  handle: () => T,
): T {
  const started = tryStart(() => {
    received(message, identity, operations);
    return operations.messaging.startProcess(
      { ...describe(message), consumerGroup: identity.groupId, clientId: identity.clientId },
      { relation: operations.relation, counted: true },
    );
  });
  return started ? runIn(started, handle) : handle();
}

const seen = new WeakSet<object>();

/** Counts a message once, on whichever of the ways it comes first. */
function received(message: RdKafkaMessage, identity: ConsumerIdentity, { messaging }: Operations): void {
  if (seen.has(message)) return;
  seen.add(message);
  rememberConsumer(message, identity);
  markCounted(message);
  const { groupId: consumerGroup, clientId } = identity;
  messaging.countConsumed({ system: 'kafka', destination: message.topic, consumerGroup, clientId }, 1);
}

function describe(message: RdKafkaMessage) {
  return {
    system: 'kafka',
    destination: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: message.key,
    tombstone: isTombstone(message.key, message.value),
    headers: message.headers,
    timestampMillis: message.timestamp,
  };
}

/** Of several topics or partitions, none is the batch's. */
function batchOf(messages: readonly RdKafkaMessage[], { groupId, clientId }: ConsumerIdentity) {
  const [first] = messages;
  const oneTopic = messages.every(({ topic }) => topic === first?.topic);
  const onePartition = oneTopic && messages.every(({ partition }) => partition === first?.partition);
  return {
    system: 'kafka',
    destination: oneTopic ? first?.topic : undefined,
    partition: onePartition ? first?.partition : undefined,
    offset: onePartition ? first?.offset : undefined,
    count: messages.length,
    headers: messages.map(({ headers }) => headers),
    timestampMillis: first?.timestamp,
    consumerGroup: groupId,
    clientId,
  };
}

function identityOf(client: RdKafkaClient): ConsumerIdentity {
  const group = client.globalConfig?.['group.id'];
  return { groupId: typeof group === 'string' ? group : undefined, clientId: clientIdOf(client) };
}

function clientIdOf({ globalConfig }: RdKafkaClient): string | undefined {
  const id = globalConfig?.['client.id'];
  return typeof id === 'string' ? id : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
