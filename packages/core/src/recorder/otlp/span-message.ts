import { type Attributes, type SpanContext, SpanStatusCode, type TraceState } from '@opentelemetry/api';
import type { AttributePairs } from '../span/attribute-pairs.js';
import type { RecordedEvent, RecordedLink, RecordedSpan } from '../span/span.js';
import type { AttributeRuns } from './attribute-runs.js';
import type { KeyValues } from './key-values.js';
import type { ProtobufWriter } from './protobuf-writer.js';
import {
  contextHasIsRemote,
  contextIsRemote,
  eventTag,
  linkTag,
  scopeSpansTag,
  spanTag,
  statusTag,
} from './tags.js';

/** Longer ones are left out, as W3C Trace Context allows; most propagators accept 512 characters. */
const maxTraceStateLength = 4_096;

/** Most spans take from 128 bytes to 16 KB, and so two bytes for their length. */
const spanLengthBytes = 2;

/** A span that has ended, as the field `spans` of ScopeSpans. */
export function writeSpan(
  writer: ProtobufWriter,
  keyValues: KeyValues,
  runs: AttributeRuns,
  span: RecordedSpan,
): void {
  writer.varint(scopeSpansTag.spans);
  const start = writer.startLength(spanLengthBytes);
  writer.id(spanTag.traceId, span.traceId, 16);
  writer.id(spanTag.spanId, span.spanId, 8);
  if (span.traceState !== undefined) writeTraceState(writer, spanTag.traceState, span.traceState);
  if (span.parentSpanId !== undefined) writer.id(spanTag.parentSpanId, span.parentSpanId, 8);
  writer.varint(spanTag.name);
  writer.text(span.name);
  writer.varint(spanTag.kind);
  // The API has no value for "unspecified", which is 0 in OTLP.
  writer.varint(span.kind + 1);
  writer.varint(spanTag.startTime);
  writer.unixNanos(span.startSeconds, span.startNanos);
  writer.varint(spanTag.endTime);
  writer.unixNanos(span.endSeconds, span.endNanos);
  runs.write(writer, span.name, span.pairs);
  const { events, links, droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span.extras;
  writeCount(writer, spanTag.droppedAttributesCount, droppedAttributesCount);
  for (const event of events) writeEvent(writer, keyValues, event);
  writeCount(writer, spanTag.droppedEventsCount, droppedEventsCount);
  for (const link of links) writeLink(writer, keyValues, link);
  writeCount(writer, spanTag.droppedLinksCount, droppedLinksCount);
  if (span.statusCode !== SpanStatusCode.UNSET) writeStatus(writer, span.statusCode, span.statusMessage);
  writer.varint(spanTag.flags);
  writer.fixed32(flagsOf(span.traceFlags, span.isParentRemote));
  writer.endLength(start, spanLengthBytes);
}

/** Of an object that is written once: a resource, a scope. */
export function writeAttributes(
  writer: ProtobufWriter,
  keyValues: KeyValues,
  tag: number,
  attributes: Attributes,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) keyValues.write(writer, tag, key, value);
  }
}

function writePairs(writer: ProtobufWriter, keyValues: KeyValues, tag: number, pairs: AttributePairs): void {
  for (let i = 0; i < pairs.length; i += 2) {
    keyValues.write(writer, tag, pairs[i] as string, pairs[i + 1]);
  }
}

function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count === 0) return;
  writer.varint(tag);
  writer.varint(count);
}

function writeStatus(writer: ProtobufWriter, code: SpanStatusCode, message: string | undefined): void {
  writer.varint(spanTag.status);
  const start = writer.startLength(1);
  if (message !== undefined && message !== '') {
    writer.varint(statusTag.message);
    writer.text(message);
  }
  writer.varint(statusTag.code);
  writer.varint(code);
  writer.endLength(start, 1);
}

function writeEvent(writer: ProtobufWriter, keyValues: KeyValues, event: RecordedEvent): void {
  writer.varint(spanTag.events);
  const start = writer.startLength(2);
  writer.varint(eventTag.time);
  writer.unixNanos(event.seconds, event.nanos);
  writer.varint(eventTag.name);
  writer.text(event.name);
  writePairs(writer, keyValues, eventTag.attributes, event.pairs);
  writeCount(writer, eventTag.droppedAttributesCount, event.droppedCount);
  writer.endLength(start, 2);
}

function writeLink(writer: ProtobufWriter, keyValues: KeyValues, link: RecordedLink): void {
  const { traceId, spanId, traceFlags, traceState, isRemote }: SpanContext = link.context;
  writer.varint(spanTag.links);
  const start = writer.startLength(1);
  writer.id(linkTag.traceId, traceId, 16);
  writer.id(linkTag.spanId, spanId, 8);
  if (traceState !== undefined) writeTraceState(writer, linkTag.traceState, traceState);
  writePairs(writer, keyValues, linkTag.attributes, link.pairs);
  writeCount(writer, linkTag.droppedAttributesCount, link.droppedCount);
  writer.varint(linkTag.flags);
  writer.fixed32(flagsOf(traceFlags, isRemote === true));
  writer.endLength(start, 1);
}

function writeTraceState(writer: ProtobufWriter, tag: number, traceState: TraceState): void {
  let text: unknown;
  try {
    text = traceState.serialize();
  } catch {
    return;
  }
  if (typeof text !== 'string' || text === '' || text.length > maxTraceStateLength) return;
  writer.varint(tag);
  writer.text(text);
}

/** https://github.com/open-telemetry/opentelemetry-proto: SpanFlags. For a span, it is the parent that may be remote. */
function flagsOf(traceFlags: number, isRemote: boolean): number {
  return (traceFlags & 0xff) | contextHasIsRemote | (isRemote ? contextIsRemote : 0);
}
