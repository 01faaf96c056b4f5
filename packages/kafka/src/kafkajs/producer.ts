import type { MessagingOperations, StartedMessagingOperation } from '@throughline/core/plugin';
import { isTombstone } from '../client/messages.js';
import { tryStart } from '../client/operations.js';
import type { Observation } from './consumer.js';
import type { KafkajsMessage, Sender, TopicMessages } from './internals.js';

/** On the copy of a message: the operation that it is sent in. The copy itself is what reaches the inner classes. */
const operation = Symbol('throughline.kafka.operation');

type ObservedMessage = KafkajsMessage & { [operation]?: StartedMessagingOperation };

export function operationOf(message: KafkajsMessage | undefined): StartedMessagingOperation | undefined {
  return (message as ObservedMessage | undefined)?.[operation];
}

/** `send` and `sendBatch` of a producer or a transaction, replaced on the object itself. */
export function observeSender(sender: Sender, observation: Observation): void {
  const { send, sendBatch } = sender;
  sender.send = function observedSend(record) {
    const prepared = prepareSend(observation, () => [record]);
    if (!prepared) return send.call(this, record);
    const messages = prepared.topicMessages[0]?.messages ?? [];
    return prepared.run(() => send.call(this, { ...record, messages }));
  };
  sender.sendBatch = function observedSendBatch(batch) {
    const prepared = prepareSend(observation, () => batch.topicMessages ?? []);
    if (!prepared) return sendBatch.call(this, batch);
    const { topicMessages } = prepared;
    return prepared.run(() => sendBatch.call(this, { ...batch, topicMessages }));
  };
}

interface Prepared {
  /** Copies: the service may send the same objects again. */
  readonly topicMessages: readonly TopicMessages[];
  run(send: () => Promise<unknown>): Promise<unknown>;
}

/** Undefined for what kafkajs will refuse anyway, and when nothing is to be recorded. */
export function prepareSend(
  observation: Observation,
  read: () => readonly TopicMessages[],
): Prepared | undefined {
  if (!observation.isActive()) return undefined;
  return tryStart(() => {
    const given = read();
    if (!given.every(isSendable)) return undefined;
    const topicMessages = given.map(({ topic, messages }) => ({ topic, messages: messages.map(copyOf) }));
    const sends = startSends(observation.messaging, topicMessages);
    return {
      topicMessages,
      async run(send: () => Promise<unknown>) {
        try {
          const result = await send();
          endSends(sends, result);
          return result;
        } catch (error) {
          for (const started of sends.values()) started.end({ error });
          throw error;
        }
      },
    };
  });
}

function isSendable(given: TopicMessages): boolean {
  return (
    typeof given.topic === 'string' &&
    Array.isArray(given.messages) &&
    given.messages.length > 0 &&
    given.messages.every(
      (message) => typeof message === 'object' && message !== null && message.value !== undefined,
    )
  );
}

/** A copy of a message with headers that can be changed. The service's message is not changed. */
export function copyOf<M extends KafkajsMessage>(message: M): M & { headers: Record<string, unknown> } {
  const prototype = Object.getPrototypeOf(message);
  const headers = { ...message.headers };
  // What a class of the service's defines is found through the original.
  return prototype === Object.prototype || prototype === null
    ? { ...message, headers }
    : Object.create(message, { headers: { value: headers, enumerable: true, writable: true } });
}

type Sends = ReadonlyMap<string, StartedMessagingOperation>;

/** One operation per topic, as kafkajs merges what is for the same topic. */
function startSends(messaging: MessagingOperations, topicMessages: readonly TopicMessages[]): Sends {
  const byTopic = new Map<string, readonly KafkajsMessage[]>();
  for (const { topic, messages } of topicMessages) {
    const earlier = byTopic.get(topic);
    byTopic.set(topic, earlier ? [...earlier, ...messages] : messages);
  }
  return new Map([...byTopic].map(([topic, messages]) => [topic, startSend(messaging, topic, messages)]));
}

export function startSend(
  messaging: MessagingOperations,
  topic: string,
  messages: readonly KafkajsMessage[],
): StartedMessagingOperation {
  const single = messages.length === 1 ? messages[0] : undefined;
  const started = messaging.startSend({
    system: 'kafka',
    destination: topic,
    count: messages.length,
    headers: messages.map(({ headers }) => headers ?? {}),
    partition: single?.partition ?? undefined,
    key: single?.key,
    tombstone: single && isTombstone(single.key, single.value),
  });
  for (const message of messages) (message as ObservedMessage)[operation] = started;
  return started;
}

interface RecordMetadata {
  readonly topicName: string;
  readonly partition: number;
  readonly baseOffset?: string;
  readonly errorCode?: number;
}

/** For a single message, the broker's answer contains its partition and offset. */
function endSends(sends: Sends, result: unknown): void {
  const answers = Array.isArray(result) ? (result as RecordMetadata[]) : [];
  for (const [topic, started] of sends) {
    const ofTopic = answers.filter((answer) => answer?.topicName === topic);
    const only = ofTopic.length === 1 ? ofTopic[0] : undefined;
    started.end(only ? { attributes: { 'messaging.destination.partition.id': String(only.partition) } } : {});
  }
}
