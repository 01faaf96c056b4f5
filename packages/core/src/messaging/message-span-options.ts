import type { Attributes, Link, SpanKind } from '@opentelemetry/api';
import type { ReceivedMessage, SentMessages } from '../plugin/messaging.js';
import type { AttributePairs, RecordedValue } from '../recorder/span/attribute-pairs.js';
import {
  maxPreparedLength,
  type PreparedSpanOptions,
  prepareAttributes,
} from '../recorder/span/prepared-attributes.js';
import { redactAttribute } from '../redaction/attribute-redaction.js';
import type { KnownOperation } from './known-operations.js';
import {
  type AboutMessages,
  attributesOf,
  batchCountOf,
  type OperationName,
  shownKey,
} from './message-attributes.js';

/** The options of a span about messages. Attributes are made when they are asked for: some spans are not recorded. */
export class MessageSpanOptions implements PreparedSpanOptions {
  constructor(
    readonly kind: SpanKind,
    readonly links: Link[],
    private readonly operation: OperationName,
    private readonly known: KnownOperation,
    private readonly about: AboutMessages,
  ) {}

  get attributes(): Attributes {
    return attributesOf(this.operation, this.about);
  }

  [prepareAttributes](): AttributePairs | undefined {
    const { begin } = this.known;
    const about = this.about as ReceivedMessage & SentMessages;
    const { partition } = about;
    const batchCount = batchCountOf(this.operation, about);
    const isUsual =
      begin !== undefined &&
      (partition === undefined || typeof partition === 'number') &&
      (batchCount === undefined || typeof batchCount === 'number');
    if (!isUsual) return undefined;
    const pairs = begin.slice();
    if (partition !== undefined) pairs.push('messaging.destination.partition.id', String(partition));
    if (about.system === 'kafka') {
      if (about.offset !== undefined) pairs.push('messaging.kafka.offset', Number(about.offset));
      const key = shownKey(about.key);
      if (key !== undefined) {
        pairs.push(keyAttribute, redactAttribute(keyAttribute, key) as RecordedValue);
      }
      if (about.tombstone === true) pairs.push('messaging.kafka.message.tombstone', true);
    }
    if (batchCount !== undefined) pairs.push('messaging.batch.message_count', batchCount);
    const { messageId, attributes } = about;
    if (messageId !== undefined && !added(pairs, 'messaging.message.id', messageId)) return undefined;
    // They may take the place of others.
    if (attributes !== undefined && !addedAll(pairs, attributes)) return undefined;
    return pairs;
  }
}

const keyAttribute = 'messaging.kafka.message.key';

/** @returns false for attributes that the recorder has to look at */
function addedAll(pairs: AttributePairs, attributes: Attributes): boolean {
  try {
    for (const key of Object.keys(attributes)) {
      const value = attributes[key];
      if (value === undefined || value === null) continue;
      if (key === '' || key.length > maxPreparedLength || pairs.includes(key)) return false;
      if (!added(pairs, key, value)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function added(pairs: AttributePairs, key: string, value: unknown): boolean {
  const isShort =
    typeof value === 'string'
      ? value.length <= maxPreparedLength
      : typeof value === 'number' || typeof value === 'boolean';
  if (isShort) pairs.push(key, redactAttribute(key, value) as RecordedValue);
  return isShort;
}
