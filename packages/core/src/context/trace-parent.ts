import type { SpanContext, TextMapPropagator } from '@opentelemetry/api';

/** A propagator that says when it has nothing but the headers of W3C Trace Context and Baggage. */
export interface W3cPropagator extends TextMapPropagator {
  readonly isW3c?: boolean;
}

/** Of version 00, which has no more fields: `00-<32 digits>-<16 digits>-<2 digits>`. */
const length = 55;
const dash = 0x2d;
const dashAfter = [2, 35, 52] as const;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

/** Values of the digits 0–9 and a–f by their character codes; -1 for everything else. */
const digitValue = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) digitValue[value.toString(16).charCodeAt(0)] = value;

/**
 * Reads a `traceparent` in the form in which nearly all are written, without the regular expressions of the propagator.
 *
 * @param value text or bytes
 * @returns undefined for every other form; a propagator knows whether that is a trace context
 */
export function readTraceParent(value: unknown): SpanContext | undefined {
  const text = Buffer.isBuffer(value) && value.length === length ? value.toString('latin1') : value;
  if (typeof text !== 'string' || text.length !== length || !text.startsWith('00-')) return undefined;
  for (let i = dashAfter[0] + 1; i < length; i++) {
    const code = text.charCodeAt(i);
    const isDash = i === dashAfter[1] || i === dashAfter[2];
    if (isDash ? code !== dash : !((digitValue[code] ?? -1) >= 0)) return undefined;
  }
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (traceId === noTraceId || spanId === noSpanId) return undefined;
  const traceFlags =
    (digitValue[text.charCodeAt(53)] as number) * 16 + (digitValue[text.charCodeAt(54)] as number);
  return { traceId, spanId, traceFlags, isRemote: true };
}

/** A `traceparent`, as the propagator writes it. */
export function writtenTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`;
}
