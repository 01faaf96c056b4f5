import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Attributes, AttributeValue, Resource, SpanEvent, SpanLink } from '../model/telemetry.js';
import { emptyAttributes, resourceOf, sharedName } from './attributes.js';
import { OtlpError } from './otlp-error.js';
import {
  explicitBuckets,
  histogramPoint,
  type RawExemplar,
  type RawExponentialPoint,
  type RawHistogramPoint,
} from './otlp-histogram.js';
import { collectLogRecord, collectSpan, millisOf, type RawLogRecord, type RawSpan } from './otlp-items.js';
import { type Collected, emptyCollected, type OtlpSignal, type Received } from './otlp-request.js';

/*
 * The numbers are those of the fields in https://github.com/open-telemetry/opentelemetry-proto (v1), whose meaning never
 * changes. Fields that the page does not show are skipped, and so are fields that newer versions add.
 */

/** Deeper values than this are not read: a hostile one must not use up the stack. */
const maxDepth = 32;

type Fields<M> = Readonly<Record<number, (message: M, reader: BinaryReader) => void>>;

/**
 * Reads an export request in protobuf.
 *
 * @throws OtlpError when the bytes are not such a message
 */
export function decodeProtobuf(signal: OtlpSignal, bytes: Uint8Array): Received {
  const collected = emptyCollected();
  try {
    const reader = new BinaryReader(bytes);
    // ExportTraceServiceRequest.resource_spans, and the same field of the other signals.
    read(reader, reader.len, collected, { 1: (into, from) => readResourceItems(signal, into, from) });
  } catch (cause) {
    throw new OtlpError(`The body is not an OTLP request in protobuf: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return collected;
}

function read<M>(reader: BinaryReader, end: number, message: M, fields: Fields<M>): M {
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    const readField = fields[field];
    if (readField) readField(message, reader);
    else reader.skip(wireType, field);
  }
  if (reader.pos !== end) throw new RangeError('a field goes beyond its message');
  return message;
}

/** A message inside another one. */
function nested<M>(reader: BinaryReader, message: M, fields: Fields<M>): M {
  return read(reader, endOf(reader), message, fields);
}

function endOf(reader: BinaryReader): number {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError('premature end');
  return end;
}

interface ResourceItems {
  resource: Resource;
  /** Where the messages of the scopes begin: the resource may come after them. */
  readonly scopes: number[];
}

function readResourceItems(signal: OtlpSignal, collected: Collected, reader: BinaryReader): void {
  const items: ResourceItems = { resource: resourceOf(emptyAttributes()), scopes: [] };
  nested(reader, items, {
    1: (into, from) => {
      const attributes = emptyAttributes();
      nested(from, attributes, { 1: readKeyValue });
      into.resource = resourceOf(attributes);
    },
    2: (into, from) => {
      into.scopes.push(from.pos);
      from.skip(WireType.LengthDelimited);
    },
  });
  const end = reader.pos;
  for (const position of items.scopes) {
    reader.pos = position;
    readScopeItems(signal, collected, items.resource, reader);
  }
  reader.pos = end;
}

function readScopeItems(
  signal: OtlpSignal,
  collected: Collected,
  resource: Resource,
  reader: BinaryReader,
): void {
  const scope = { name: '' };
  nested(reader, scope, {
    1: (into, from) => nested(from, into, { 1: (named, name) => (named.name = sharedName(name.string())) }),
    2: (_into, from) => {
      if (signal === 'traces') collectSpan(collected, readSpan(from), resource, scope.name);
      else if (signal === 'logs') collectLogRecord(collected, readLogRecord(from), resource);
      else readMetric(collected, resource, from);
    },
  });
}

type Writable<A = Attributes> = { -readonly [K in keyof A]: A[K] };

function readKeyValue(attributes: Writable, reader: BinaryReader, depth = 0): void {
  const pair = { key: '', value: null as AttributeValue };
  nested(reader, pair, {
    1: (into, from) => {
      into.key = sharedName(from.string());
    },
    2: (into, from) => {
      into.value = readAnyValue(from, depth);
    },
  });
  attributes[pair.key] = pair.value;
}

function readAnyValue(reader: BinaryReader, depth: number): AttributeValue {
  if (depth > maxDepth) throw new RangeError(`a value is nested more than ${maxDepth} levels deep`);
  const found = { value: null as AttributeValue };
  nested(reader, found, {
    1: (into, from) => {
      into.value = from.string();
    },
    2: (into, from) => {
      into.value = from.bool();
    },
    3: (into, from) => {
      into.value = exactNumber(from.int64());
    },
    4: (into, from) => {
      into.value = from.double();
    },
    5: (into, from) => {
      const values: AttributeValue[] = [];
      nested(from, values, { 1: (list, item) => list.push(readAnyValue(item, depth + 1)) });
      into.value = values;
    },
    6: (into, from) => {
      const values = emptyAttributes();
      nested(from, values, { 1: (map, item) => readKeyValue(map, item, depth + 1) });
      into.value = values;
    },
    7: (into, from) => {
      into.value = Buffer.from(from.bytes()).toString('base64');
    },
  });
  return found.value;
}

function exactNumber(value: bigint | string): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

const hex = (reader: BinaryReader): string => {
  const bytes = reader.bytes();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
};

function readSpan(reader: BinaryReader): RawSpan {
  const attributes = emptyAttributes();
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  const span: RawSpan = {
    ...{ traceId: '', spanId: '', parentSpanId: '', name: '', kind: 0, startNanos: 0n, endNanos: 0n },
    ...{ statusCode: 0, statusMessage: '', attributes, events, links },
  };
  return nested(reader, span, {
    1: (into, from) => {
      into.traceId = hex(from);
    },
    2: (into, from) => {
      into.spanId = hex(from);
    },
    4: (into, from) => {
      into.parentSpanId = hex(from);
    },
    5: (into, from) => {
      into.name = sharedName(from.string());
    },
    6: (into, from) => {
      into.kind = from.int32();
    },
    7: (into, from) => {
      into.startNanos = BigInt(from.fixed64());
    },
    8: (into, from) => {
      into.endNanos = BigInt(from.fixed64());
    },
    9: (_into, from) => readKeyValue(attributes, from),
    11: (_into, from) => events.push(readEvent(from)),
    13: (_into, from) => links.push(readLink(from)),
    15: (into, from) =>
      nested(from, into, {
        2: (status, text) => {
          status.statusMessage = text.string();
        },
        3: (status, code) => {
          status.statusCode = code.int32();
        },
      }),
  });
}

function readEvent(reader: BinaryReader): SpanEvent {
  const attributes = emptyAttributes();
  return nested(
    reader,
    { name: '', timeMillis: 0, attributes },
    {
      1: (into, from) => {
        into.timeMillis = millisOf(BigInt(from.fixed64()));
      },
      2: (into, from) => {
        into.name = from.string();
      },
      3: (_into, from) => readKeyValue(attributes, from),
    },
  );
}

function readLink(reader: BinaryReader): SpanLink {
  const attributes = emptyAttributes();
  return nested(
    reader,
    { traceId: '', spanId: '', attributes },
    {
      1: (into, from) => {
        into.traceId = hex(from);
      },
      2: (into, from) => {
        into.spanId = hex(from);
      },
      4: (_into, from) => readKeyValue(attributes, from),
    },
  );
}

function readLogRecord(reader: BinaryReader): RawLogRecord {
  const attributes = emptyAttributes();
  const record: RawLogRecord = {
    ...{ timeNanos: 0n, observedNanos: 0n, severityNumber: 0, severityText: '', body: null },
    ...{ attributes, traceId: '', spanId: '' },
  };
  return nested(reader, record, {
    1: (into, from) => {
      into.timeNanos = BigInt(from.fixed64());
    },
    2: (into, from) => {
      into.severityNumber = from.int32();
    },
    3: (into, from) => {
      into.severityText = from.string();
    },
    5: (into, from) => {
      into.body = readAnyValue(from, 0);
    },
    6: (_into, from) => readKeyValue(attributes, from),
    9: (into, from) => {
      into.traceId = hex(from);
    },
    10: (into, from) => {
      into.spanId = hex(from);
    },
    11: (into, from) => {
      into.observedNanos = BigInt(from.fixed64());
    },
  });
}

interface RawMetric {
  name: string;
  unit: string;
  temporality: number;
  readonly points: RawHistogramPoint[];
}

/** Metrics other than histograms are accepted and not kept: the page shows no other ones. */
function readMetric(collected: Collected, resource: Resource, reader: BinaryReader): void {
  const metric: RawMetric = { name: '', unit: '', temporality: 0, points: [] };
  nested(reader, metric, {
    1: (into, from) => {
      into.name = from.string();
    },
    3: (into, from) => {
      into.unit = from.string();
    },
    9: (into, from) => nested(from, into, histogramFields(readHistogramPoint)),
    10: (into, from) => nested(from, into, histogramFields(readExponentialPoint)),
  });
  for (const point of metric.points) collected.histograms.push(histogramPoint(metric, point, resource));
}

function histogramFields(readPoint: (reader: BinaryReader) => RawHistogramPoint): Fields<RawMetric> {
  return {
    1: (into, from) => into.points.push(readPoint(from)),
    2: (into, from) => {
      into.temporality = from.int32();
    },
  };
}

function readHistogramPoint(reader: BinaryReader): RawHistogramPoint {
  const attributes = emptyAttributes();
  const [bounds, counts, exemplars]: [number[], number[], RawExemplar[]] = [[], [], []];
  const point: RawHistogramPoint = { attributes, startNanos: 0n, timeNanos: 0n, bounds, counts, exemplars };
  return nested(reader, point, {
    2: (into, from) => {
      into.startNanos = BigInt(from.fixed64());
    },
    3: (into, from) => {
      into.timeNanos = BigInt(from.fixed64());
    },
    6: (_into, from) => repeated(from, 8, () => counts.push(Number(from.fixed64()))),
    7: (_into, from) => repeated(from, 8, () => bounds.push(from.double())),
    8: (_into, from) => exemplars.push(readExemplar(from)),
    9: (_into, from) => readKeyValue(attributes, from),
  });
}

/** A repeated number of a fixed size: packed, as proto3 writes it. */
function repeated(reader: BinaryReader, sizeBytes: number, readOne: () => void): void {
  const end = endOf(reader);
  if ((end - reader.pos) % sizeBytes !== 0) throw new RangeError('a list of numbers has a part of a number');
  while (reader.pos < end) readOne();
}

function readExponentialPoint(reader: BinaryReader): RawHistogramPoint {
  const attributes = emptyAttributes();
  const exemplars: RawExemplar[] = [];
  const bucketCounts: number[] = [];
  const point: RawExponentialPoint = {
    ...{ attributes, startNanos: 0n, timeNanos: 0n, exemplars },
    ...{ scale: 0, zeroCount: 0, offset: 0, bucketCounts },
  };
  nested(reader, point, {
    1: (_into, from) => readKeyValue(attributes, from),
    2: (into, from) => {
      into.startNanos = BigInt(from.fixed64());
    },
    3: (into, from) => {
      into.timeNanos = BigInt(from.fixed64());
    },
    6: (into, from) => {
      into.scale = from.sint32();
    },
    7: (into, from) => {
      into.zeroCount = Number(from.fixed64());
    },
    8: (into, from) =>
      nested(from, into, {
        1: (positive, offset) => {
          positive.offset = offset.sint32();
        },
        2: (_positive, counts) => {
          const end = endOf(counts);
          while (counts.pos < end) bucketCounts.push(Number(counts.uint64()));
        },
      }),
    11: (_into, from) => exemplars.push(readExemplar(from)),
  });
  return explicitBuckets(point);
}

function readExemplar(reader: BinaryReader): RawExemplar {
  return nested(
    reader,
    { value: 0, timeNanos: 0n, traceId: '', spanId: '' },
    {
      2: (into, from) => {
        into.timeNanos = BigInt(from.fixed64());
      },
      3: (into, from) => {
        into.value = from.double();
      },
      4: (into, from) => {
        into.spanId = hex(from);
      },
      5: (into, from) => {
        into.traceId = hex(from);
      },
      6: (into, from) => {
        into.value = Number(from.sfixed64());
      },
    },
  );
}
