import type { Context, Span } from '@opentelemetry/api';
import { spanKey } from './context-keys.js';

/**
 * A context with a span, for the moment in which a propagator reads it. The API copies all entries of a context to add
 * one. Code of the service must not run in it: contexts of this kind inside each other are slow to read.
 */
export class ContextWithSpan implements Context {
  constructor(
    private readonly outer: Context,
    private readonly span: Span,
  ) {}

  getValue(key: symbol): unknown {
    return key === spanKey ? this.span : this.outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.outer.setValue(spanKey, this.span).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.outer.setValue(spanKey, this.span).deleteValue(key);
  }
}
