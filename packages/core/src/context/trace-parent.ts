import type { SpanContext, TextMapPropagator } from '@opentelemetry/api';

/** A propagator that says when it has nothing but the headers of W3C Trace Context and Baggage. */
export interface W3cPropagator extends TextMapPropagator {
  readonly isW3c?: boolean;
}

/** Of version 00, which has no more fields: `00-<32 digits>-<16 digits>-<2 digits>`. */
const length = 55;
const zero = 0x30;
const dash = 0x2d;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

/** Values of the digits 0–9 and a–f by their character codes; -1 for everything else. */
const digitValues = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) digitValues[value.toString(16).charCodeAt(0)] = value;

/**
 * Reads a `traceparent` in the form in which nearly all are written, without the regular expressions of the propagator.
 *
 * @param value text or bytes
 * @returns undefined for every other form; a propagator knows whether that is a trace context
 */
export function readTraceParent(value: unknown): SpanContext | undefined {
  if (typeof value === 'string') {
    return value.length === length && value.startsWith('00-') ? readBytes(Buffer.from(value)) : undefined;
  }
  return Buffer.isBuffer(value) ? readBytes(value) : undefined;
}

/** From the bytes, which are faster to look at than the characters of a text. */
function readBytes(bytes: Buffer): SpanContext | undefined {
  const isUsual =
    bytes.length === length &&
    bytes[0] === zero &&
    bytes[1] === zero &&
    bytes[2] === dash &&
    bytes[35] === dash &&
    bytes[52] === dash &&
    hasDigits(bytes, 3, 35) &&
    hasDigits(bytes, 36, 52) &&
    hasDigits(bytes, 53, 55);
  if (!isUsual) return undefined;
  const text = bytes.toString('latin1');
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (traceId === noTraceId || spanId === noSpanId) return undefined;
  const traceFlags = valueAt(bytes, 53) * 16 + valueAt(bytes, 54);
  return { traceId, spanId, traceFlags, isRemote: true };
}

function hasDigits(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0;
  for (let i = start; i < end; i++) all |= valueAt(bytes, i);
  return all >= 0;
}

function valueAt(bytes: Uint8Array, index: number): number {
  return digitValues[bytes[index] as number] as number;
}

/** Trace flags as two digits. */
export function flagsText(traceFlags: number): string {
  if (traceFlags === 1) return '01';
  return (traceFlags & 0xff).toString(16).padStart(2, '0');
}

/** A `traceparent`, as the propagator writes it. */
export function writtenTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags.toString(16)}`;
}
