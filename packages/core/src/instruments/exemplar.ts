import type { Span, SpanContext } from '@opentelemetry/api';
import { TraceFlags } from '@opentelemetry/api';

/** Labels of an exemplar, under the names that Grafana and Prometheus link by. */
export interface ExemplarLabels {
  readonly trace_id: string;
  readonly span_id: string;
}

/** A span that was not sampled at its start, but may still be exported. */
export interface LateDecision {
  readonly isKept?: boolean;
}

/** Only for traces that are exported: an exemplar that leads nowhere is worse than none. */
export function exemplarOfSpan(span: Span | undefined): ExemplarLabels | undefined {
  if (!span) return undefined;
  const { traceId, spanId, traceFlags } = hasIds(span) ? span : span.spanContext();
  const isExported = (traceFlags & TraceFlags.SAMPLED) !== 0 || (span as LateDecision).isKept === true;
  return isExported ? { trace_id: traceId, span_id: spanId } : undefined;
}

/** Spans of our recorder have their ids themselves: to ask for their context would make an object. */
function hasIds(span: object): span is SpanContext {
  const { traceId, spanId, traceFlags } = span as Partial<SpanContext>;
  return typeof traceId === 'string' && typeof spanId === 'string' && typeof traceFlags === 'number';
}
