import type { Attributes } from '@opentelemetry/api';
import { setOwn } from '../model/own-property.js';
import type { ReceivedBatch, ReceivedMessage, SentMessages } from '../plugin/messaging.js';
import { eachAttribute } from '../recorder/span/attribute-pairs.js';

export type OperationName = 'send' | 'poll' | 'process' | 'process_batch';
type OperationType = 'send' | 'receive' | 'process';

const operationTypes: Readonly<Record<OperationName, OperationType>> = {
  send: 'send',
  poll: 'receive',
  process: 'process',
  process_batch: 'process',
};

const maxKeyLength = 128;

/** What is sent or received at one destination. */
export type AboutMessages = SentMessages | ReceivedMessage | ReceivedBatch;

export function nameOf(operation: OperationName, destination: string | undefined): string {
  return destination === undefined ? operation : `${operation} ${destination}`;
}

/** Attributes that all messages of an operation have, as long as they go the same way. */
export function attributesOfOperation(
  operation: OperationName,
  {
    system,
    destination,
    consumerGroup,
    clientId,
  }: Pick<AboutMessages, 'system'> & Pick<ReceivedMessage, 'consumerGroup' | 'clientId' | 'destination'>,
): Attributes {
  const attributes: Attributes = {
    'messaging.system': system,
    'messaging.operation.name': operation,
    'messaging.operation.type': operationTypes[operation],
  };
  if (destination !== undefined) attributes['messaging.destination.name'] = destination;
  if (consumerGroup !== undefined) attributes['messaging.consumer.group.name'] = consumerGroup;
  if (clientId !== undefined) attributes['messaging.client.id'] = clientId;
  return attributes;
}

/** All attributes that are known when an operation begins. */
export function attributesOf(operation: OperationName, about: AboutMessages): Attributes {
  const { partition, offset, key, tombstone, messageId } = about as ReceivedMessage & SentMessages;
  const attributes = attributesOfOperation(operation, about);
  if (partition !== undefined) attributes['messaging.destination.partition.id'] = String(partition);
  if (messageId !== undefined) attributes['messaging.message.id'] = messageId;
  // Those that throw when they are read are left out.
  eachAttribute(about.attributes, (name, value) => setOwn(attributes, name, value));
  if (about.system === 'kafka') {
    if (offset !== undefined) attributes['messaging.kafka.offset'] = Number(offset);
    const text = shownKey(key);
    if (text !== undefined) attributes['messaging.kafka.message.key'] = text;
    if (tombstone === true) attributes['messaging.kafka.message.tombstone'] = true;
  }
  const batchCount = batchCountOf(operation, about);
  if (batchCount !== undefined) attributes['messaging.batch.message_count'] = batchCount;
  return attributes;
}

/** A batch that is received may be one of a single message; what is sent alone is none. */
export function batchCountOf(operation: OperationName, about: AboutMessages): number | undefined {
  if (!('count' in about)) return undefined;
  return operation === 'send' && about.count <= 1 ? undefined : about.count;
}

/** A key that a person can read, cut; undefined for binary ones. */
export function shownKey(key: unknown): string | undefined {
  if (key === undefined || key === null) return undefined;
  const isText = typeof key === 'string';
  if (!isText && !(key instanceof Uint8Array)) return undefined;
  // Most keys are short ASCII, which needs neither a decoder nor a regular expression.
  if (!isText && isShortAscii(key)) return (key as Buffer).toString('latin1');
  const text = isText
    ? key
    : Buffer.from(key.buffer, key.byteOffset, Math.min(key.byteLength, 4 * maxKeyLength)).toString('utf8');
  const cut = text.slice(0, maxKeyLength);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters distinguish binary values from text
  return cut === '' || /[\u0000-\u001F\u007F\uFFFD]/.test(cut) ? undefined : cut;
}

function isShortAscii(key: Uint8Array): boolean {
  if (key.length === 0 || key.length > maxKeyLength || !Buffer.isBuffer(key)) return false;
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] as number;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}
