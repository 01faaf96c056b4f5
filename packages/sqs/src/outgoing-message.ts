import type { MessageAttributes, OutgoingMessage } from './internals.js';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const maxAttributes = 10;

/** A message may have 1 MiB, and with older or local services 256 KiB. What is added never crosses one of these. */
const limitsBytes = [256 * 1024, 1024 * 1024];

/** Baggage goes first when there is no room for everything. */
const dispensable = 'baggage';

/** The text attributes of a message as headers, to which the context is written. */
export function headersOf(attributes: MessageAttributes | null | undefined): Record<string, unknown> {
  // So that an attribute `__proto__` is one like any other.
  const headers: Record<string, unknown> = Object.create(null);
  if (typeof attributes !== 'object' || attributes === null) return headers;
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]?.StringValue;
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

/** How many bytes SQS counts for a message: its body, and name, type and value of its attributes. */
export function sizeOfMessage({ MessageBody: body, MessageAttributes: attributes }: OutgoingMessage): number {
  let bytes = sizeOf(body);
  for (const name of Object.keys(attributes ?? {})) {
    const attribute = attributes?.[name];
    bytes += sizeOf(name) + sizeOf(attribute?.DataType);
    bytes += sizeOf(attribute?.StringValue) + sizeOf(attribute?.BinaryValue);
  }
  return bytes;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : 0;
}

/**
 * A copy of the message with the headers that its attributes do not have yet. The message of the service stays as it is.
 *
 * @param totalBytes of the request without them
 * @returns undefined if the message has no room
 */
export function withHeaders<M extends OutgoingMessage>(
  message: M,
  headers: Readonly<Record<string, unknown>>,
  totalBytes: number,
): { readonly message: M; readonly bytes: number } | undefined {
  const present = message.MessageAttributes ?? {};
  const added = Object.keys(headers).filter((name) => !Object.hasOwn(present, name) && headers[name] !== '');
  if (added.length === 0) return { message, bytes: 0 };
  const room = maxAttributes - Object.keys(present).length;
  for (const names of [added, added.filter((name) => name !== dispensable)]) {
    const bytes = names.reduce(
      (sum, name) => sum + sizeOf(name) + sizeOf('String') + sizeOf(headers[name]),
      0,
    );
    const crosses = limitsBytes.some((limit) => totalBytes <= limit && totalBytes + bytes > limit);
    if (names.length === 0 || names.length > room || crosses) continue;
    const attributes: Record<string, unknown> = { ...present };
    for (const name of names) attributes[name] = { DataType: 'String', StringValue: headers[name] };
    return { message: { ...message, MessageAttributes: attributes }, bytes };
  }
  return undefined;
}
