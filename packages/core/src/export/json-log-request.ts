import type { RecordedResource } from '../recorder/otlp/trace-request.js';
import { maxLogAttributes, type OtlpLogRecord } from './log-request.js';
import { anyValue, keyValues } from './otlp-json.js';

const tail = ']}]}]}';
const between = Buffer.from(',');

/** An ExportLogsServiceRequest as OTLP/JSON that grows record by record. */
export class JsonLogRequestWriter {
  /** Records so far; the queue calls what it holds spans. */
  spanCount = 0;
  byteCount = 0;
  private records: Buffer[] = [];
  private readonly head: Buffer;

  constructor(
    { attributes, schemaUrl }: RecordedResource,
    scope: { readonly name: string; readonly version: string },
  ) {
    const resource = JSON.stringify({ attributes: keyValues(attributes), droppedAttributesCount: 0 });
    const schema = schemaUrl ? `"schemaUrl":${JSON.stringify(schemaUrl)},` : '';
    this.head = Buffer.from(
      `{"resourceLogs":[{"resource":${resource},${schema}"scopeLogs":[{"scope":${JSON.stringify(scope)},"logRecords":[`,
    );
  }

  /** @throws if the record cannot be written; the request is as it was before */
  add(_section: undefined, record: OtlpLogRecord): void {
    const bytes = Buffer.from(JSON.stringify(messageOf(record)));
    this.records.push(bytes);
    this.spanCount++;
    this.byteCount += bytes.length + 1;
  }

  /** The request as it is, and begins the next one. */
  take(): Buffer {
    const parts: Buffer[] = [this.head];
    for (const [index, record] of this.records.entries()) {
      if (index > 0) parts.push(between);
      parts.push(record);
    }
    parts.push(Buffer.from(tail));
    this.records = [];
    this.spanCount = 0;
    this.byteCount = 0;
    return Buffer.concat(parts);
  }

  /** Several requests of this writer as one. */
  readonly join = (requests: readonly Uint8Array[]): Buffer => {
    const records = requests.map((request) =>
      request.subarray(this.head.length, request.length - tail.length),
    );
    const parts = records.flatMap((each, index) => (index === 0 ? [each] : [between, each]));
    return Buffer.concat([this.head, ...parts, Buffer.from(tail)]);
  };
}

function messageOf(record: OtlpLogRecord): object {
  const { unixMillis, severityNumber, severityText, body, spanContext } = record;
  const names = Object.keys(record.attributes);
  const kept =
    names.length > maxLogAttributes
      ? Object.fromEntries(names.slice(0, maxLogAttributes).map((name) => [name, record.attributes[name]]))
      : record.attributes;
  const unixNano = `${unixMillis}000000`;
  return {
    timeUnixNano: unixNano,
    observedTimeUnixNano: unixNano,
    severityNumber,
    severityText,
    body: anyValue(body),
    attributes: keyValues(kept),
    droppedAttributesCount: Math.max(0, names.length - maxLogAttributes),
    ...(spanContext && {
      traceId: spanContext.traceId,
      spanId: spanContext.spanId,
      flags: spanContext.traceFlags,
    }),
  };
}
