import { type Context, type Span, trace } from '@opentelemetry/api';

/** The key under which a function of the API puts its value: it is not exported, but the function shows it. */
export function keyUsedBy(set: (context: Context) => void): symbol {
  let used: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue(key) {
      used = key;
      return probe;
    },
    deleteValue: () => probe,
  };
  set(probe);
  return used as symbol;
}

export const anySpan = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
export const spanKey = keyUsedBy((context) => trace.setSpan(context, anySpan));

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
