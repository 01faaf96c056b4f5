import { type SpanContext, TraceFlags } from '@opentelemetry/api';

const isSampled = ({ traceFlags }: SpanContext) => (traceFlags & TraceFlags.SAMPLED) !== 0;

/** Formats of a trace id, for headers that have a fixed format. {@link traceIdOf} reads them. */
const forms: Readonly<Record<string, (span: SpanContext) => string>> = {
  'x-amzn-trace-id': ({ traceId }) => `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
  'x-cloud-trace-context': (span) =>
    `${span.traceId}/${BigInt(`0x${span.spanId}`)};o=${isSampled(span) ? 1 : 0}`,
  'sentry-trace': (span) => `${span.traceId}-${span.spanId}-${isSampled(span) ? 1 : 0}`,
  // Datadog's header has room for the lower half only.
  'x-datadog-trace-id': ({ traceId }) => String(BigInt(`0x${traceId.slice(16)}`)),
};

/** Whether values under this name (in lower case) mean nothing under another one. */
export const hasFixedFormat = (name: string): boolean => Object.hasOwn(forms, name);

/** The value of the old header for a trace that came without one. */
export function writtenValue(name: string, span: SpanContext): string {
  return forms[name]?.(span) ?? span.traceId;
}
