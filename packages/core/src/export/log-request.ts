import type { SpanContext } from '@opentelemetry/api';
import { KeyValues, writeAnyValue } from '../recorder/otlp/key-values.js';
import { encoded, type ProtobufWriter } from '../recorder/otlp/protobuf-writer.js';
import { RequestMemory } from '../recorder/otlp/request-memory.js';
import { logTag, resourceSpansTag, scopeSpansTag } from '../recorder/otlp/tags.js';
import {
  type InstrumentationScope,
  type RecordedResource,
  requestOf,
  resourceField,
  ScopeSection,
  schemaUrlField,
} from '../recorder/otlp/trace-request.js';

/** A log record as OTLP has it: https://opentelemetry.io/docs/specs/otel/logs/data-model/ */
export interface OtlpLogRecord {
  /** Since 1970. */
  readonly unixMillis: number;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  /** Plain data. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly spanContext: SpanContext | undefined;
}

/** The default of the specification: https://opentelemetry.io/docs/specs/otel/logs/sdk/#logrecord-limits */
export const maxLogAttributes = 128;

/** Memory that is kept between two requests. */
const keptBytes = 262_144;
/** A service has a handful of levels; one that makes up more has them written each time. */
const maxLevels = 64;
/** Most records take from 128 bytes to 16 KB, and so two bytes for their length. */
const recordLengthBytes = 2;

/** An ExportLogsServiceRequest that grows record by record. What does not change is encoded once. */
export class LogRequestWriter {
  /** Records so far; the queue calls what it holds spans. */
  spanCount = 0;
  private readonly keyValues = new KeyValues();
  private readonly section: ScopeSection;
  private readonly head: Uint8Array;
  private readonly tail: Uint8Array;
  private readonly memory = new RequestMemory();
  private readonly severities = new Map<string, Uint8Array>();

  constructor(resource: RecordedResource, scope: InstrumentationScope) {
    this.section = new ScopeSection(scope);
    this.head = resourceField(resource, this.keyValues);
    this.tail = schemaUrlField(resourceSpansTag.schemaUrl, resource.schemaUrl);
  }

  get byteCount(): number {
    return this.section.writer.position;
  }

  /** @throws if the record cannot be written; the request is as it was before */
  add(_section: undefined, record: OtlpLogRecord): void {
    const { writer } = this.section;
    const before = writer.position;
    try {
      this.write(writer, record);
    } catch (error) {
      writer.position = before;
      throw error;
    }
    this.spanCount++;
  }

  /** The request as it is, and begins the next one. */
  take(): Uint8Array {
    const request = requestOf(this.head, [this.section], this.tail, this.memory);
    this.section.writer.reset(keptBytes);
    this.spanCount = 0;
    return request;
  }

  /** A request has left for good. Its memory is used again. */
  release(request: Uint8Array): void {
    this.memory.giveBack(request);
  }

  private write(writer: ProtobufWriter, record: OtlpLogRecord): void {
    const { unixMillis: millis, body, attributes, spanContext } = record;
    const seconds = Math.floor(millis / 1_000);
    const nanos = (millis - seconds * 1_000) * 1e6;
    writer.varint(scopeSpansTag.spans);
    const start = writer.startLength(recordLengthBytes);
    writer.varint(logTag.time);
    writer.unixNanos(seconds, nanos);
    writer.varint(logTag.observedTime);
    writer.unixNanos(seconds, nanos);
    this.writeSeverity(writer, record);
    writer.varint(logTag.body);
    writeAnyValue(writer, body);
    let count = 0;
    for (const name of Object.keys(attributes)) {
      const value = attributes[name];
      if (++count <= maxLogAttributes && value !== undefined) {
        this.keyValues.write(writer, logTag.attributes, name, value);
      }
    }
    if (count > maxLogAttributes) {
      writer.varint(logTag.droppedAttributesCount);
      writer.varint(count - maxLogAttributes);
    }
    if (spanContext) {
      writer.varint(logTag.flags);
      writer.fixed32(spanContext.traceFlags);
      writer.id(logTag.traceId, spanContext.traceId, 16);
      writer.id(logTag.spanId, spanContext.spanId, 8);
    }
    writer.endLength(start, recordLengthBytes);
  }

  /** A level always has the same number. */
  private writeSeverity(writer: ProtobufWriter, { severityNumber, severityText }: OtlpLogRecord): void {
    let known = this.severities.get(severityText);
    if (!known) {
      known = encoded((bytes) => {
        bytes.varint(logTag.severityNumber);
        bytes.varint(severityNumber);
        bytes.varint(logTag.severityText);
        bytes.text(severityText);
      });
      if (this.severities.size < maxLevels) this.severities.set(severityText, known);
    }
    writer.raw(known);
  }
}
