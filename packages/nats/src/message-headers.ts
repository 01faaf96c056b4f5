import type { Message, PublishOptions } from './internals.js';

/**
 * When a message was sent, in milliseconds since 1970. NATS has no timestamp outside of JetStream. The RabbitMQ plugin
 * uses the same header.
 */
const sentHeader = 'timestamp_in_ms';

/** The headers of a message by their names in lower case: libraries for Go write `Traceparent`. */
type HeaderRecord = Record<string, unknown>;

/** @throws if the headers are not those of a client of NATS */
function recordOf(headers: Iterable<readonly [string, unknown]>): HeaderRecord {
  // So that a header `__proto__` is one like any other.
  const record: HeaderRecord = Object.create(null);
  for (const [name, value] of headers) record[name.toLowerCase()] ??= value;
  return record;
}

/** The headers of a message that was received; undefined if there are none, or if the client cannot read them. */
export function receivedHeaders(message: Message): HeaderRecord | undefined {
  try {
    const { headers } = message;
    return headers ? recordOf(headers) : undefined;
  } catch {
    return undefined;
  }
}

/** The text of the first value of a header. */
export function firstValue(record: HeaderRecord | undefined, name: string): string | undefined {
  const value = record?.[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** In milliseconds since 1970. */
export function sentMillisOf(record: HeaderRecord | undefined): number | undefined {
  const millis = Number(firstValue(record, sentHeader));
  return millis > 0 ? millis : undefined;
}

/** The headers of a message that is to be sent, and what is added to them. */
export interface SentHeaders {
  /** Core writes the trace context into it. */
  readonly record: HeaderRecord;
  /** The names that the service has set. */
  readonly own: ReadonlySet<string>;
}

export function sentHeaders(options: PublishOptions | undefined, nowMillis: number): SentHeaders {
  const headers = options?.headers as Iterable<readonly [string, unknown]> | undefined;
  const record: HeaderRecord = headers ? recordOf(headers) : Object.create(null);
  const own = new Set(Object.keys(record));
  record[sentHeader] ??= String(nowMillis);
  return { record, own };
}

const firstLine = 'NATS/1.0\r\n';
const end = '\r\n';

/**
 * Options that also send what was added. The headers of the service are encoded by their own class, and not changed.
 *
 * @param freeBytes how many bytes the headers may have
 * @returns the same options if there is not enough room
 */
export function withAddedHeaders(
  options: PublishOptions | undefined,
  { record, own }: SentHeaders,
  freeBytes: number,
): PublishOptions | undefined {
  let added = '';
  for (const [name, value] of Object.entries(record)) {
    if (own.has(name) || typeof value !== 'string' || /[\r\n]/.test(value)) continue;
    added += `${name}: ${value}\r\n`;
  }
  const given = options?.headers?.encode();
  const before = given && given.byteLength > 0 ? Buffer.from(given).subarray(0, -end.length) : firstLine;
  const encoded = Buffer.concat([Buffer.from(before), Buffer.from(added + end)]);
  if (encoded.byteLength > freeBytes) return options;
  return { ...options, headers: { encode: () => encoded } };
}
