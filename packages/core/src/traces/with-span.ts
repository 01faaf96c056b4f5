import {
  type Attributes,
  context,
  diag,
  type Link,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { noteError } from '../context/error-context.js';
import { ObservabilityError } from '../model/errors.js';
import { recordError } from '../model/foreign-error.js';
import { followCall } from '../patching/follow-promise.js';

/** How `withSpan` starts its span; all optional. */
export interface WithSpanOptions {
  /** Attributes that are set when the span starts, so that samplers see them. Default: none. */
  readonly attributes?: Attributes;
  /** Default: `SpanKind.INTERNAL`. */
  readonly kind?: SpanKind;
  /** Links to spans of other traces. Default: none. */
  readonly links?: Link[];
  /** Starts a new trace instead of a child of the active span. Default: false. */
  readonly root?: boolean;
}

const unnamed = 'unnamed';

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
  if (typeof fn !== 'function') throw new ObservabilityError('OBS_WITH_SPAN_INVALID');
  // The name may come from a value that is missing now and then: the function is to run all the same.
  const isNamed = typeof name === 'string' && name !== '';
  if (!isNamed) diag.warn(`withSpan was called without a name. The span is called '${unnamed}'.`);
  const parent = options.root ? trace.deleteSpan(context.active()) : context.active();
  const span = tracer.startSpan(
    isNamed ? name : unnamed,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      ...(options.attributes ? { attributes: options.attributes } : {}),
      ...(options.links ? { links: options.links } : {}),
    },
    parent,
  );
  const inside = trace.setSpan(parent, span);
  return followCall(
    () => context.with(inside, fn, undefined, span),
    () => span.end(),
    (error) => {
      noteError(error, inside);
      endWithError(span, error);
    },
  );
}

function endWithError(span: Span, error: unknown): void {
  recordError(span, error);
  span.end();
}
