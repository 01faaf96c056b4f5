import type { Span } from '@opentelemetry/api';
import { TraceFlags } from '@opentelemetry/api';

/** Labels of an exemplar, under the names that Grafana and Prometheus link by. */
export interface ExemplarLabels {
  readonly trace_id: string;
  readonly span_id: string;
}

/** Only for traces that are exported: an exemplar that leads nowhere is worse than none. */
export function exemplarOfSpan(span: Span | undefined): ExemplarLabels | undefined {
  if (!span) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return (traceFlags & TraceFlags.SAMPLED) !== 0 ? { trace_id: traceId, span_id: spanId } : undefined;
}

/** The exemplar of an outgoing call, from the `traceparent` it carried (W3C Trace Context, level 1). */
export function exemplarOfTraceparent(traceparent: string | undefined): ExemplarLabels | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceparent ?? '');
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  return (Number.parseInt(match[3], 16) & TraceFlags.SAMPLED) !== 0
    ? { trace_id: match[1], span_id: match[2] }
    : undefined;
}
