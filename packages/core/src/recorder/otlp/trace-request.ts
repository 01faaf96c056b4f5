import type { Attributes } from '@opentelemetry/api';
import type { RecordedSpan } from '../span/span.js';
import { AttributeRuns } from './attribute-runs.js';
import { KeyValues } from './key-values.js';
import { encoded, ProtobufWriter, varintLength } from './protobuf-writer.js';
import { RequestMemory } from './request-memory.js';
import { writeAttributes, writeSpan } from './span-message.js';
import { requestTag, resourceSpansTag, resourceTag, scopeSpansTag, scopeTag, spanTag } from './tags.js';

export interface RecordedResource {
  readonly attributes: Attributes;
  readonly schemaUrl?: string | undefined;
}

export interface InstrumentationScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
}

/** Memory that a scope keeps between two requests. */
const keptBytesPerScope = 262_144;

/** What is in the request so far of one scope: spans, log records or metrics. */
export class ScopeSection {
  readonly writer = new ProtobufWriter();
  spanCount = 0;
  /** The field `scope`, and what follows the spans, records or metrics. */
  readonly head: Uint8Array;
  readonly tail: Uint8Array;

  constructor(scope: InstrumentationScope) {
    this.head = encoded((writer) => {
      writer.varint(scopeSpansTag.scope);
      const start = writer.startLength(1);
      writer.varint(scopeTag.name);
      writer.text(scope.name);
      if (scope.version) {
        writer.varint(scopeTag.version);
        writer.text(scope.version);
      }
      writer.endLength(start, 1);
    });
    this.tail = schemaUrlField(scopeSpansTag.schemaUrl, scope.schemaUrl);
  }
}

/** An ExportTraceServiceRequest that grows span by span. */
export class TraceRequestWriter {
  spanCount = 0;
  byteCount = 0;
  private readonly keyValues = new KeyValues();
  private readonly runs = new AttributeRuns(this.keyValues, spanTag.attributes);
  /** The sections that have spans. */
  private sections: ScopeSection[] = [];
  private readonly head: Uint8Array;
  private readonly tail: Uint8Array;
  private readonly memory = new RequestMemory();

  constructor(resource: RecordedResource) {
    this.head = resourceField(resource, this.keyValues);
    this.tail = schemaUrlField(resourceSpansTag.schemaUrl, resource.schemaUrl);
  }

  /** @throws if the span cannot be written; the request is as it was before */
  add(section: ScopeSection, span: RecordedSpan): void {
    const { writer } = section;
    const before = writer.position;
    try {
      writeSpan(writer, this.keyValues, this.runs, span);
    } catch (error) {
      writer.position = before;
      throw error;
    }
    if (section.spanCount++ === 0) this.sections.push(section);
    this.spanCount++;
    this.byteCount += writer.position - before;
  }

  /** The request as it is, and begins the next one. */
  take(): Uint8Array {
    const request = requestOf(this.head, this.sections, this.tail, this.memory);
    for (const section of this.sections) {
      section.writer.reset(keptBytesPerScope);
      section.spanCount = 0;
    }
    this.sections = [];
    this.spanCount = 0;
    this.byteCount = 0;
    return request;
  }

  /** A request has left for good. Its memory is used again. */
  release(request: Uint8Array): void {
    this.memory.giveBack(request);
  }
}

/** The field `resource` of ResourceSpans, ResourceLogs or ResourceMetrics. */
export function resourceField({ attributes }: RecordedResource, keyValues: KeyValues): Uint8Array {
  return encoded((writer) => {
    writer.varint(resourceSpansTag.resource);
    const start = writer.startLength(2);
    writeAttributes(writer, keyValues, resourceTag.attributes, attributes);
    writer.endLength(start, 2);
  });
}

/** A request with one resource, of which `head` and `tail` are the fields before and after those of the scopes. */
export function requestOf(
  head: Uint8Array,
  sections: readonly ScopeSection[],
  tail: Uint8Array,
  memory: RequestMemory,
): Uint8Array {
  const lengths = sections.map(
    (section) => section.head.length + section.writer.position + section.tail.length,
  );
  const scopesLength = lengths.reduce((sum, length) => sum + 1 + varintLength(length) + length, 0);
  const length = head.length + scopesLength + tail.length;
  const request = new ProtobufWriter();
  request.bytes = memory.take(length + 8);
  request.varint(requestTag.resourceSpans);
  request.varint(length);
  request.raw(head);
  for (const [index, section] of sections.entries()) {
    request.varint(resourceSpansTag.scopeSpans);
    request.varint(lengths[index] as number);
    request.raw(section.head);
    request.raw(section.writer.bytes.subarray(0, section.writer.position));
    request.raw(section.tail);
  }
  request.raw(tail);
  return request.bytes.subarray(0, request.position);
}

export function schemaUrlField(tag: number, schemaUrl: string | undefined): Uint8Array {
  return encoded((writer) => {
    if (!schemaUrl) return;
    writer.varint(tag);
    writer.text(schemaUrl);
  });
}
