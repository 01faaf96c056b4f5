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
  keyValueList: (6 << 3) | bytes,
  bytes: (7 << 3) | bytes,
} as const;

export const arrayValuesTag = (1 << 3) | bytes;
export const keyValueListTag = (1 << 3) | bytes;
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

/* ResourceLogs and ResourceMetrics have the fields of ResourceSpans under the same numbers, and so do their scopes. */

export const logTag = {
  time: (1 << 3) | fixed64,
  severityNumber: (2 << 3) | varint,
  severityText: (3 << 3) | bytes,
  body: (5 << 3) | bytes,
  attributes: (6 << 3) | bytes,
  droppedAttributesCount: (7 << 3) | varint,
  flags: (8 << 3) | fixed32,
  traceId: (9 << 3) | bytes,
  spanId: (10 << 3) | bytes,
  observedTime: (11 << 3) | fixed64,
} as const;

export const metricTag = {
  name: (1 << 3) | bytes,
  description: (2 << 3) | bytes,
  unit: (3 << 3) | bytes,
  gauge: (5 << 3) | bytes,
  sum: (7 << 3) | bytes,
  histogram: (9 << 3) | bytes,
  exponentialHistogram: (10 << 3) | bytes,
} as const;

/** Of Gauge, Sum, Histogram and ExponentialHistogram. */
export const metricDataTag = {
  dataPoints: (1 << 3) | bytes,
  aggregationTemporality: (2 << 3) | varint,
  isMonotonic: (3 << 3) | varint,
} as const;

export const pointTag = { startTime: (2 << 3) | fixed64, time: (3 << 3) | fixed64 } as const;

export const numberPointTag = {
  asDouble: (4 << 3) | fixed64,
  exemplars: (5 << 3) | bytes,
  asInt: (6 << 3) | fixed64,
  attributes: (7 << 3) | bytes,
} as const;

export const histogramPointTag = {
  count: (4 << 3) | fixed64,
  sum: (5 << 3) | fixed64,
  bucketCounts: (6 << 3) | bytes,
  explicitBounds: (7 << 3) | bytes,
  exemplars: (8 << 3) | bytes,
  attributes: (9 << 3) | bytes,
  min: (11 << 3) | fixed64,
  max: (12 << 3) | fixed64,
} as const;

export const exponentialPointTag = {
  attributes: (1 << 3) | bytes,
  count: (4 << 3) | fixed64,
  sum: (5 << 3) | fixed64,
  scale: (6 << 3) | varint,
  zeroCount: (7 << 3) | fixed64,
  positive: (8 << 3) | bytes,
  negative: (9 << 3) | bytes,
  min: (12 << 3) | fixed64,
  max: (13 << 3) | fixed64,
} as const;

export const bucketsTag = { offset: (1 << 3) | varint, bucketCounts: (2 << 3) | bytes } as const;

export const exemplarTag = {
  time: (2 << 3) | fixed64,
  asDouble: (3 << 3) | fixed64,
  spanId: (4 << 3) | bytes,
  traceId: (5 << 3) | bytes,
} as const;
