import {
  type Attributes,
  context,
  type Exception,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { noteError } from '../context/error-context.js';
import { errorType } from '../model/error-type.js';
import { ObservabilityError } from '../model/errors.js';

/** How `withSpan` starts its span; all optional. */
export interface WithSpanOptions {
  /** Attributes that the span has from its start, so that samplers see them. Default: none. */
  readonly attributes?: Attributes;
  /** Default: `SpanKind.INTERNAL`. */
  readonly kind?: SpanKind;
  /** Links to spans of other traces. Default: none. */
  readonly links?: Link[];
  /** Starts a new trace instead of a child of the active span. Default: false. */
  readonly root?: boolean;
}

/**
 * Runs a function inside a span of the tracer. The span ends when the function returns, throws, or its
 * promise settles; an error is recorded on it and passed on unchanged.
 */
export function runWithSpan<T>(
  tracer: Tracer,
  name: string,
  fn: (span: Span) => T,
  options: WithSpanOptions = {},
): T {
  if (typeof name !== 'string' || name === '' || typeof fn !== 'function') {
    throw new ObservabilityError('OBS_WITH_SPAN_INVALID');
  }
  const parent = options.root ? trace.deleteSpan(context.active()) : context.active();
  const span = tracer.startSpan(
    name,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      ...(options.attributes ? { attributes: options.attributes } : {}),
      ...(options.links ? { links: options.links } : {}),
    },
    parent,
  );
  const inside = trace.setSpan(parent, span);
  let result: T;
  try {
    result = context.with(inside, fn, undefined, span);
  } catch (error) {
    noteError(error, inside);
    endWithError(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  // The chained promise goes back, not the original: with our handler attached, the original's rejection would
  // count as handled even when the caller forgets it. Thenables that run when `then` is called run once.
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      noteError(error, inside);
      endWithError(span, error);
      throw error;
    },
  ) as T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof Reflect.get(value, 'then') === 'function'
  );
}

export function endWithError(span: Span, error: unknown): void {
  const isObject = typeof error === 'object' && error !== null;
  span.recordException(isObject ? (error as Exception) : String(error));
  span.setAttribute('error.type', errorType(error));
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(error instanceof Error && error.message !== '' ? { message: error.message } : {}),
  });
  span.end();
}
