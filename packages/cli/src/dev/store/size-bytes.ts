import type { Attributes, AttributeValue, LogRecord, Span } from '../model/telemetry.js';

/** What an object and its fixed members take, roughly. */
const spanBytes = 400;
const lineBytes = 200;
const memberBytes = 40;

/** Roughly the memory of a span, in bytes. Names and resources are shared, so they do not count. */
export function spanSizeBytes(span: Span): number {
  let sizeBytes = spanBytes + span.statusMessage.length + attributesSize(span.attributes);
  for (const { attributes } of span.events) sizeBytes += memberBytes + attributesSize(attributes);
  for (const { attributes } of span.links) sizeBytes += 2 * memberBytes + attributesSize(attributes);
  return sizeBytes;
}

/** Roughly the memory of a log line, in bytes. */
export const lineSizeBytes = (record: LogRecord): number =>
  lineBytes + record.message.length + attributesSize(record.attributes);

function attributesSize(attributes: Attributes): number {
  let sizeBytes = 0;
  for (const name in attributes) sizeBytes += memberBytes + valueSize(attributes[name] ?? null);
  return sizeBytes;
}

function valueSize(value: AttributeValue): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 8;
  if (Array.isArray(value))
    return value.reduce<number>((sum, item) => sum + memberBytes + valueSize(item), 0);
  return attributesSize(value as Attributes);
}
