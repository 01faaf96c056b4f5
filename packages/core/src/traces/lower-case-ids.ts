import { type TextMapPropagator, trace } from '@opentelemetry/api';

/**
 * B3 and Jaeger accept ids in capital letters; a `traceparent` with such ids is invalid, and the next service would begin
 * a new trace. https://www.w3.org/TR/trace-context/#trace-id
 */
export function withLowerCaseIds(given: TextMapPropagator): TextMapPropagator {
  return {
    inject: (context, carrier, setter) => given.inject(context, carrier, setter),
    fields: () => given.fields(),
    extract(context, carrier, getter) {
      const extracted = given.extract(context, carrier, getter);
      const spanContext = extracted === context ? undefined : trace.getSpanContext(extracted);
      if (!spanContext) return extracted;
      const { traceId, spanId } = spanContext;
      const lower = { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase() };
      const isLower = lower.traceId === traceId && lower.spanId === spanId;
      return isLower ? extracted : trace.setSpanContext(extracted, { ...spanContext, ...lower });
    },
  };
}
