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
    const prepared = prepareSend(observation, [record]);
    if (!prepared) return send.call(this, record);
    const messages = prepared.topicMessages[0]?.messages ?? [];
    return followSends(prepared, () => send.call(this, { ...record, messages }));
  };
  sender.sendBatch = function observedSendBatch(batch) {
    const prepared = prepareSend(observation, batch?.topicMessages ?? []);
    if (!prepared) return sendBatch.call(this, batch);
    const { topicMessages } = prepared;
    return followSends(prepared, () => sendBatch.call(this, { ...batch, topicMessages }));
  };
}

/** The operation in which messages are sent to one topic. */
interface TopicSend {
  readonly topic: string;
  readonly operation: StartedMessagingOperation;
}

interface PreparedSend {
  /** Copies: the service may send the same objects again. */
  readonly topicMessages: readonly TopicMessages[];
  readonly sends: readonly TopicSend[];
}

/** Undefined for what kafkajs will refuse anyway, and when nothing is to be recorded. */
export function prepareSend(
  { isActive, messaging }: Observation,
  given: readonly TopicMessages[],
): PreparedSend | undefined {
  if (!isActive()) return undefined;
  try {
    if (!given.every(isSendable)) return undefined;
    const topicMessages = given.map(copiesOf);
    return { topicMessages, sends: startSends(messaging, topicMessages) };
  } catch {
    return undefined;
  }
}

/** Sends, and ends the operations with the answer of the client. */
export function followSends({ sends }: PreparedSend, send: () => Promise<unknown>): Promise<unknown> {
  let sent: Promise<unknown>;
  try {
    sent = Promise.resolve(send());
  } catch (error) {
    failSends(sends, error);
    throw error;
  }
  return sent.then(
    (answer) => {
      endSends(sends, answer);
      return answer;
    },
    (error: unknown) => {
      failSends(sends, error);
      throw error;
    },
  );
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

function copiesOf({ topic, messages }: TopicMessages): TopicMessages {
  return { topic, messages: messages.map(copyOf) };
}

/** One operation per topic, as kafkajs merges what is for the same topic. */
function startSends(messaging: MessagingOperations, given: readonly TopicMessages[]): TopicSend[] {
  return mergedByTopic(given).map(({ topic, messages }) => ({
    topic,
    operation: startSend(messaging, topic, messages),
  }));
}

function mergedByTopic(given: readonly TopicMessages[]): readonly TopicMessages[] {
  if (given.length === 1) return given;
  const byTopic = new Map<string, readonly KafkajsMessage[]>();
  for (const { topic, messages } of given) {
    const earlier = byTopic.get(topic);
    byTopic.set(topic, earlier ? [...earlier, ...messages] : messages);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
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

/** For a single message, the broker's answer contains its partition. */
function endSends(sends: readonly TopicSend[], answer: unknown): void {
  const answers = Array.isArray(answer) ? (answer as RecordMetadata[]) : [];
  tryStart(() => {
    for (const { topic, operation } of sends) {
      const partition = onlyPartition(answers, topic);
      if (partition !== undefined) {
        operation.span?.setAttribute('messaging.destination.partition.id', String(partition));
      }
      operation.end();
    }
  });
}

function failSends(sends: readonly TopicSend[], error: unknown): void {
  tryStart(() => {
    for (const { operation } of sends) operation.end({ error });
  });
}

function onlyPartition(answers: readonly RecordMetadata[], topic: string): number | undefined {
  let only: RecordMetadata | undefined;
  for (const answer of answers) {
    if (answer?.topicName !== topic) continue;
    if (only) return undefined;
    only = answer;
  }
  return only?.partition;
}
