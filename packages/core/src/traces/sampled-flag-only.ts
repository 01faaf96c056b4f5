import { type Context, type TextMapPropagator, TraceFlags, trace } from '@opentelemetry/api';

/**
 * For formats whose flags mean something else than those of W3C Trace Context: bit 1, which says there that a trace id is
 * random, asks for a debug trace in Jaeger's. https://www.jaegertracing.io/sdk-migration/#propagation-format
 */
export function withSampledFlagOnly(given: TextMapPropagator): TextMapPropagator {
  return {
    inject: (context, carrier, setter) => given.inject(sampledFlagOnly(context), carrier, setter),
    fields: () => given.fields(),
    extract(context, carrier, getter) {
      const extracted = given.extract(context, carrier, getter);
      return extracted === context ? context : sampledFlagOnly(extracted);
    },
  };
}

function sampledFlagOnly(context: Context): Context {
  const spanContext = trace.getSpanContext(context);
  if (!spanContext) return context;
  const traceFlags = spanContext.traceFlags & TraceFlags.SAMPLED;
  return traceFlags === spanContext.traceFlags
    ? context
    : trace.setSpanContext(context, { ...spanContext, traceFlags });
}
