import { ProtobufWriter } from './protobuf-writer.js';

/** How a value in OTLP/JSON is written in protobuf; a message has its fields by name. */
type FieldType = 'string' | 'hex' | 'base64' | 'bool' | 'varint' | 'fixed32' | 'fixed64' | 'double' | Fields;
interface Fields {
  readonly [name: string]: readonly [number: number, type: FieldType];
}

/*
 * https://github.com/open-telemetry/opentelemetry-proto, version 1. Only what is sent is named here; fields that are not
 * named are left out.
 */
const anyValue: Record<string, readonly [number, FieldType]> = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'varint'],
  doubleValue: [4, 'double'],
  bytesValue: [7, 'base64'],
};
const keyValue: Fields = { key: [1, 'string'], value: [2, anyValue] };
anyValue.arrayValue = [5, { values: [1, anyValue] }];
anyValue.kvlistValue = [6, { values: [1, keyValue] }];

const resource: Fields = { attributes: [1, keyValue], droppedAttributesCount: [2, 'varint'] };
const scope: Fields = { name: [1, 'string'], version: [2, 'string'], attributes: [3, keyValue] };

/** A request has its resources, and these their scopes, under names that differ. */
function requestOf(resources: string, scopes: string, items: string, item: Fields): Fields {
  const ofScope: Fields = { scope: [1, scope], [items]: [2, item], schemaUrl: [3, 'string'] };
  const ofResource: Fields = { resource: [1, resource], [scopes]: [2, ofScope], schemaUrl: [3, 'string'] };
  return { [resources]: [1, ofResource] };
}

const span: Fields = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  parentSpanId: [4, 'hex'],
  name: [5, 'string'],
  kind: [6, 'varint'],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, keyValue],
};

const logRecord: Fields = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'varint'],
  severityText: [3, 'string'],
  body: [5, anyValue],
  attributes: [6, keyValue],
  droppedAttributesCount: [7, 'varint'],
  flags: [8, 'fixed32'],
  traceId: [9, 'hex'],
  spanId: [10, 'hex'],
  observedTimeUnixNano: [11, 'fixed64'],
};

const requests = {
  traces: requestOf('resourceSpans', 'scopeSpans', 'spans', span),
  logs: requestOf('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: requestOf('resourceMetrics', 'scopeMetrics', 'metrics', {}),
} as const;

/**
 * A request in OTLP/JSON as protobuf: the same fields in the other encoding. It is for requests that are sent once, to try
 * an intake: only fields of spans and log records are known.
 */
export function protobufOfJson(signal: keyof typeof requests, request: object): Uint8Array {
  const writer = new ProtobufWriter();
  writeMessage(writer, requests[signal], request as Message);
  return writer.bytes.subarray(0, writer.position);
}

type Message = Readonly<Record<string, unknown>>;

function writeMessage(writer: ProtobufWriter, fields: Fields, message: Message): void {
  for (const name in message) {
    const field = fields[name];
    const value = message[name];
    if (field === undefined || value === undefined || value === null) continue;
    const [number, type] = field;
    if (typeof type === 'string') writeField(writer, number, type, value);
    else if (Array.isArray(value)) for (const each of value) writeNested(writer, number, type, each);
    else writeNested(writer, number, type, value);
  }
}

const varint = 0;
const fixed64 = 1;
const bytes = 2;
const fixed32 = 5;

type Written = readonly [wireType: number, write: (writer: ProtobufWriter, value: unknown) => void];

const bigInt = (value: unknown) => BigInt.asUintN(64, BigInt(value as string | number));
const writeBytes = (encoding: 'hex' | 'base64'): Written => [
  bytes,
  (writer, value) => {
    const content = Buffer.from(String(value), encoding);
    writer.varint(content.length);
    writer.raw(content);
  },
];
const writeVarint: Written[1] = (writer, value) => writer.bigVarint(bigInt(value));
const writeFixed64: Written[1] = (writer, value) => writer.fixed64(bigInt(value));
const writeDouble: Written[1] = (writer, value) => writer.double(Number(value));

const writers: Readonly<Record<Exclude<FieldType, Fields>, Written>> = {
  string: [bytes, (writer, value) => writer.text(String(value))],
  hex: writeBytes('hex'),
  base64: writeBytes('base64'),
  bool: [varint, (writer, value) => writer.varint(value === true ? 1 : 0)],
  varint: [varint, writeVarint],
  fixed32: [fixed32, (writer, value) => writer.fixed32(Number(value))],
  fixed64: [fixed64, writeFixed64],
  double: [fixed64, writeDouble],
};

function writeNested(writer: ProtobufWriter, number: number, fields: Fields, value: unknown): void {
  writer.varint(number * 8 + bytes);
  const start = writer.startLength(1);
  writeMessage(writer, fields, value as Message);
  writer.endLength(start, 1);
}

function writeField(
  writer: ProtobufWriter,
  number: number,
  type: Exclude<FieldType, Fields>,
  value: unknown,
): void {
  const [wireType, write] = writers[type];
  writer.varint(number * 8 + wireType);
  write(writer, value);
}
