import type { Attributes, AttributeValue, Resource } from '../model/telemetry.js';
import { emptyAttributes, resourceOf, sharedName } from './attributes.js';
import { OtlpError } from './otlp-error.js';
import { explicitBuckets, histogramPoint, type RawExemplar } from './otlp-histogram.js';
import { collectLogRecord, collectSpan, millisOf } from './otlp-items.js';
import { type Collected, emptyCollected, type OtlpSignal, type Received } from './otlp-request.js';

/*
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hex digits, 64-bit integers are text or
 * numbers, and enumerations are numbers.
 */

type Json = Readonly<Record<string, unknown>>;

const maxDepth = 32;

const listNames = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

/**
 * Reads an export request in JSON.
 *
 * @throws OtlpError when the text is not such a request; the message names the place
 */
export function decodeJson(signal: OtlpSignal, text: string): Received {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new OtlpError(`The body is not JSON: ${(cause as Error).message}.`, { cause });
  }
  const collected = emptyCollected();
  const [resources, scopes, items] = listNames[signal];
  for (const ofResource of list(object(parsed, 'the body'), resources)) {
    const resource = resourceOf(attributesOf(optional(ofResource, 'resource')));
    for (const ofScope of list(ofResource, scopes)) {
      const scope = sharedName(text_(optional(ofScope, 'scope'), 'name'));
      for (const item of list(ofScope, items)) {
        if (signal === 'traces') readSpan(collected, item, resource, scope);
        else if (signal === 'logs') readLogRecord(collected, item, resource);
        else readMetric(collected, item, resource);
      }
    }
  }
  return collected;
}

function object(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new OtlpError(`${what} is not an object.`);
}

const optional = (from: Json, name: string): Json => {
  const value = from[name];
  return value === undefined || value === null ? {} : object(value, `'${name}'`);
};

function array(from: Json, name: string): readonly unknown[] {
  const value = from[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OtlpError(`'${name}' is not a list.`);
  return value;
}

const list = (from: Json, name: string): readonly Json[] =>
  array(from, name).map((item) => object(item, `An item of '${name}'`));

function text_(from: Json, name: string): string {
  const value = from[name];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new OtlpError(`'${name}' is not text.`);
  return value;
}

const id = (from: Json, name: string): string => text_(from, name).toLowerCase();

function number(value: unknown, name: string): number {
  if (value === undefined || value === null) return 0;
  const found = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isNaN(found) && value !== 'NaN') throw new OtlpError(`'${name}' is not a number.`);
  return found;
}

function bigint(from: Json, name: string): bigint {
  const value = from[name];
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new OtlpError(`'${name}' is not a 64-bit integer.`);
}

function attributesOf(from: Json, name = 'attributes', depth = 0): Attributes {
  const attributes = emptyAttributes();
  for (const pair of list(from, name)) {
    attributes[sharedName(text_(pair, 'key'))] = anyValue(optional(pair, 'value'), depth);
  }
  return attributes;
}

function anyValue(value: Json, depth: number): AttributeValue {
  if (depth > maxDepth) throw new OtlpError(`A value is nested more than ${maxDepth} levels deep.`);
  if (value.stringValue !== undefined) return text_(value, 'stringValue');
  if (value.boolValue !== undefined) return value.boolValue === true;
  if (value.intValue !== undefined) {
    const exact = bigint(value, 'intValue');
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : String(exact);
  }
  if (value.doubleValue !== undefined) return number(value.doubleValue, 'doubleValue');
  if (value.bytesValue !== undefined) return text_(value, 'bytesValue');
  if (value.arrayValue !== undefined) {
    const items = list(optional(value, 'arrayValue'), 'values');
    return items.map((item) => anyValue(item, depth + 1));
  }
  return value.kvlistValue === undefined
    ? null
    : attributesOf(optional(value, 'kvlistValue'), 'values', depth + 1);
}

function readSpan(collected: Collected, span: Json, resource: Resource, scope: string): void {
  const status = optional(span, 'status');
  const raw = {
    traceId: id(span, 'traceId'),
    spanId: id(span, 'spanId'),
    parentSpanId: id(span, 'parentSpanId'),
    name: sharedName(text_(span, 'name')),
    kind: number(span.kind, 'kind'),
    startNanos: bigint(span, 'startTimeUnixNano'),
    endNanos: bigint(span, 'endTimeUnixNano'),
    statusCode: number(status.code, 'code'),
    statusMessage: text_(status, 'message'),
    attributes: attributesOf(span),
    events: list(span, 'events').map((event) => ({
      name: text_(event, 'name'),
      timeMillis: millisOf(bigint(event, 'timeUnixNano')),
      attributes: attributesOf(event),
    })),
    links: list(span, 'links').map((link) => ({
      traceId: id(link, 'traceId'),
      spanId: id(link, 'spanId'),
      attributes: attributesOf(link),
    })),
  };
  collectSpan(collected, raw, resource, scope);
}

function readLogRecord(collected: Collected, record: Json, resource: Resource): void {
  const raw = {
    timeNanos: bigint(record, 'timeUnixNano'),
    observedNanos: bigint(record, 'observedTimeUnixNano'),
    severityNumber: number(record.severityNumber, 'severityNumber'),
    severityText: text_(record, 'severityText'),
    body: anyValue(optional(record, 'body'), 0),
    attributes: attributesOf(record),
    traceId: id(record, 'traceId'),
    spanId: id(record, 'spanId'),
  };
  collectLogRecord(collected, raw, resource);
}

/** Metrics other than histograms are accepted and not kept: the page shows no other ones. */
function readMetric(collected: Collected, metric: Json, resource: Resource): void {
  const about = { name: text_(metric, 'name'), unit: text_(metric, 'unit') };
  const explicit = optional(metric, 'histogram');
  for (const point of list(explicit, 'dataPoints')) {
    const raw = {
      ...pointOf(point),
      bounds: numbers(point, 'explicitBounds'),
      counts: numbers(point, 'bucketCounts'),
    };
    const temporality = number(explicit.aggregationTemporality, 'aggregationTemporality');
    collected.histograms.push(histogramPoint({ ...about, temporality }, raw, resource));
  }
  const exponential = optional(metric, 'exponentialHistogram');
  for (const point of list(exponential, 'dataPoints')) {
    const positive = optional(point, 'positive');
    const raw = explicitBuckets({
      ...pointOf(point),
      scale: number(point.scale, 'scale'),
      zeroCount: number(point.zeroCount, 'zeroCount'),
      offset: number(positive.offset, 'offset'),
      bucketCounts: numbers(positive, 'bucketCounts'),
    });
    const temporality = number(exponential.aggregationTemporality, 'aggregationTemporality');
    collected.histograms.push(histogramPoint({ ...about, temporality }, raw, resource));
  }
}

const numbers = (from: Json, name: string): number[] => array(from, name).map((value) => number(value, name));

function pointOf(point: Json) {
  return {
    attributes: attributesOf(point),
    startNanos: bigint(point, 'startTimeUnixNano'),
    timeNanos: bigint(point, 'timeUnixNano'),
    exemplars: list(point, 'exemplars').map(
      (exemplar): RawExemplar => ({
        value: number(exemplar.asDouble ?? exemplar.asInt, 'asDouble'),
        timeNanos: bigint(exemplar, 'timeUnixNano'),
        traceId: id(exemplar, 'traceId'),
        spanId: id(exemplar, 'spanId'),
      }),
    ),
  };
}
