import {
  type Context,
  context,
  INVALID_SPANID,
  isValidTraceId,
  type Span,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-base';
import type { RecorderIdGenerator } from '../recorder/tracer.js';
import { oldHeaderOf, oldValueField } from './legacy-header.js';

/**
 * A trace that has an id but no span yet. The next span in this context starts that trace: it has no parent, and
 * whether it is sampled is decided again.
 */
export function withTraceId(parent: Context, traceId: string): Context {
  return trace.setSpanContext(parent, {
    traceId,
    spanId: INVALID_SPANID,
    traceFlags: TraceFlags.NONE,
    isRemote: true,
  });
}

export interface BridgedRoots {
  /** For the tracer provider. */
  readonly idGenerator: RecorderIdGenerator;
  /** All of its tracers start the traces that {@link withTraceId} prepared. */
  attach(provider: TracerProvider): void;
}

/**
 * The SDK takes the id of a trace either from a parent span, which does not exist here and which viewers would miss,
 * or from its generator. So the generator gets the id for the one span that is being started.
 */
export function createBridgedRoots(): BridgedRoots {
  const random = new RandomIdGenerator();
  let next: string | undefined;
  let isRandom = true;
  const attached = new WeakSet<Tracer>();

  const attachTracer = (tracer: Tracer) => {
    attached.add(tracer);
    const startSpan = tracer.startSpan.bind(tracer);
    tracer.startSpan = (name: string, options: SpanOptions = {}, parentContext = context.active()) => {
      if (options.root) return startSpan(name, options, parentContext);
      const parent = trace.getSpanContext(parentContext);
      if (parent && !parent.isRemote) return startSpan(name, options, parentContext);
      const isRoot = parent?.spanId === INVALID_SPANID && isValidTraceId(parent.traceId);
      next = isRoot ? parent.traceId : undefined;
      let span: Span;
      try {
        span = startSpan(name, options, parentContext);
      } finally {
        next = undefined;
      }
      // The first span of this process carries the old value; the others are found by their trace.
      const header = oldHeaderOf(parentContext);
      if (header) span.setAttribute(oldValueField, header.value);
      return span;
    };
  };

  return {
    idGenerator: {
      get isRandom() {
        return isRandom;
      },
      generateTraceId() {
        isRandom = next === undefined;
        const traceId = next ?? random.generateTraceId();
        next = undefined;
        return traceId;
      },
      generateSpanId: () => random.generateSpanId(),
    },
    attach(provider) {
      const getTracer = provider.getTracer.bind(provider);
      provider.getTracer = (...args) => {
        const tracer = getTracer(...args);
        if (!attached.has(tracer)) attachTracer(tracer);
        return tracer;
      };
    },
  };
}
