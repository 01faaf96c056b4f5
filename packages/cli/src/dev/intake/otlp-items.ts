import {
  type Attributes,
  type AttributeValue,
  type LogRecord,
  logLevels,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanLink,
  spanKinds,
} from '../model/telemetry.js';
import type { Collected } from './otlp-request.js';

/** A span as it was decoded, before it is checked. Times are nanoseconds since 1970; ids are lower-case hex digits. */
export interface RawSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  startNanos: bigint;
  endNanos: bigint;
  statusCode: number;
  statusMessage: string;
  attributes: Attributes;
  events: readonly SpanEvent[];
  links: readonly SpanLink[];
}

export interface RawLogRecord {
  timeNanos: bigint;
  observedNanos: bigint;
  severityNumber: number;
  severityText: string;
  body: AttributeValue;
  attributes: Attributes;
  traceId: string;
  spanId: string;
}

const statusError = 2;

/** Nanoseconds as milliseconds with fractions; below a microsecond, the precision of a double ends. */
export const millisOf = (nanos: bigint): number =>
  Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;

const isId = (id: string, digits: number): boolean =>
  id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);

/** Checks a span and adds it to what was collected. A span without valid ids belongs to no trace, so it is rejected. */
export function collectSpan(collected: Collected, raw: RawSpan, resource: Resource, scope: string): void {
  if (!isId(raw.traceId, 32) || !isId(raw.spanId, 16)) {
    collected.rejected.push(`span '${raw.name.slice(0, 80)}': its trace id or span id is invalid`);
    return;
  }
  // The test span of `throughline doctor` is not the service's.
  if (raw.attributes['throughline.doctor'] !== undefined) return;
  const duration = raw.endNanos > raw.startNanos ? raw.endNanos - raw.startNanos : 0n;
  const span: Span = {
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: isId(raw.parentSpanId, 16) ? raw.parentSpanId : undefined,
    name: raw.name === '' ? '(no name)' : raw.name,
    kind: spanKinds[raw.kind] ?? 'unspecified',
    startMillis: millisOf(raw.startNanos),
    durationMillis: millisOf(duration),
    isError: raw.statusCode === statusError,
    statusMessage: raw.statusMessage,
    attributes: raw.attributes,
    events: raw.events,
    links: raw.links,
    resource,
    scope,
  };
  collected.spans.push(span);
}

export function collectLogRecord(collected: Collected, raw: RawLogRecord, resource: Resource): void {
  if (raw.attributes['throughline.doctor'] !== undefined) return;
  const nanos = raw.timeNanos > 0n ? raw.timeNanos : raw.observedNanos;
  const { severityNumber: number } = raw;
  const record: LogRecord = {
    timeMillis: nanos > 0n ? millisOf(nanos) : Date.now(),
    // Four numbers for each level, from 1: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
    level: logLevels[Math.floor((number - 1) / 4)] ?? levelOfText(raw.severityText),
    message: typeof raw.body === 'string' ? raw.body : raw.body === null ? '' : JSON.stringify(raw.body),
    traceId: isId(raw.traceId, 32) ? raw.traceId : undefined,
    spanId: isId(raw.spanId, 16) ? raw.spanId : undefined,
    serviceName: resource.serviceName,
    attributes: raw.attributes,
    resourceAttributes: resource.attributes,
    channel: 'otlp',
  };
  collected.logs.push(record);
}

const otherNames: Readonly<Record<string, (typeof logLevels)[number]>> = {
  verbose: 'trace',
  silly: 'trace',
  http: 'debug',
  information: 'info',
  notice: 'info',
  log: 'info',
  warning: 'warn',
  err: 'error',
  severe: 'error',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
};

/** The level for a name that a logger gives it. */
export function levelOfText(text: string): LogRecord['level'] {
  const name = text.trim().toLowerCase();
  const own = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
  return logLevels.find((level) => level === name) ?? own;
}
