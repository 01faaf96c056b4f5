import {
  type Context,
  isSpanContextValid,
  propagation,
  type Span,
  type TextMapPropagator,
} from '@opentelemetry/api';
import type { CarrierSetter } from './carrier.js';
import { ContextWithSpan } from './context-with-span.js';
import { type W3cPropagator, writtenTraceParent } from './trace-parent.js';

/**
 * Writes the trace of a span into the headers of a call. What nearly all calls carry, `traceparent` alone, is written without
 * a context; the propagator does everything else.
 *
 * @param parent the context of the caller, in which tracing is not suppressed
 */
export function injectSpan<C>(
  propagator: TextMapPropagator,
  span: Span,
  parent: Context,
  carrier: C,
  setter: CarrierSetter<C>,
): void {
  const spanContext = span.spanContext();
  const isSimple =
    (propagator as W3cPropagator).isW3c === true &&
    spanContext.traceState === undefined &&
    propagation.getBaggage(parent) === undefined;
  if (!isSimple) propagator.inject(new ContextWithSpan(parent, span), carrier, setter);
  else if (isSpanContextValid(spanContext)) {
    setter.set(carrier, 'traceparent', writtenTraceParent(spanContext));
  }
}
