/*
 * Field numbers and wire types as they precede each value, `number << 3 | type`, from
 * https://github.com/open-telemetry/opentelemetry-proto, version 1.
 */

const varint = 0;
const fixed64 = 1;
const bytes = 2;
const fixed32 = 5;

export const anyValueTag = {
  string: (1 << 3) | bytes,
  bool: (2 << 3) | varint,
  int: (3 << 3) | varint,
  double: (4 << 3) | fixed64,
  array: (5 << 3) | bytes,
} as const;

export const arrayValuesTag = (1 << 3) | bytes;
export const keyTag = (1 << 3) | bytes;
export const valueTag = (2 << 3) | bytes;

export const spanTag = {
  traceId: (1 << 3) | bytes,
  spanId: (2 << 3) | bytes,
  traceState: (3 << 3) | bytes,
  parentSpanId: (4 << 3) | bytes,
  name: (5 << 3) | bytes,
  kind: (6 << 3) | varint,
  startTime: (7 << 3) | fixed64,
  endTime: (8 << 3) | fixed64,
  attributes: (9 << 3) | bytes,
  droppedAttributesCount: (10 << 3) | varint,
  events: (11 << 3) | bytes,
  droppedEventsCount: (12 << 3) | varint,
  links: (13 << 3) | bytes,
  droppedLinksCount: (14 << 3) | varint,
  status: (15 << 3) | bytes,
  /** Takes two bytes as a varint. */
  flags: (16 << 3) | fixed32,
} as const;

export const eventTag = {
  time: (1 << 3) | fixed64,
  name: (2 << 3) | bytes,
  attributes: (3 << 3) | bytes,
  droppedAttributesCount: (4 << 3) | varint,
} as const;

export const linkTag = {
  traceId: (1 << 3) | bytes,
  spanId: (2 << 3) | bytes,
  traceState: (3 << 3) | bytes,
  attributes: (4 << 3) | bytes,
  droppedAttributesCount: (5 << 3) | varint,
  flags: (6 << 3) | fixed32,
} as const;

export const statusTag = { message: (2 << 3) | bytes, code: (3 << 3) | varint } as const;

export const resourceTag = { attributes: (1 << 3) | bytes } as const;
export const scopeTag = { name: (1 << 3) | bytes, version: (2 << 3) | bytes } as const;
export const scopeSpansTag = {
  scope: (1 << 3) | bytes,
  spans: (2 << 3) | bytes,
  schemaUrl: (3 << 3) | bytes,
} as const;
export const resourceSpansTag = {
  resource: (1 << 3) | bytes,
  scopeSpans: (2 << 3) | bytes,
  schemaUrl: (3 << 3) | bytes,
} as const;
export const requestTag = { resourceSpans: (1 << 3) | bytes } as const;

/** Bits of the `flags` of spans and links in addition to the eight of W3C Trace Context. */
export const contextHasIsRemote = 0x100;
export const contextIsRemote = 0x200;
