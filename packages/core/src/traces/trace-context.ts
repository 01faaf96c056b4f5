import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/** `key` of W3C Trace Context, Level 2: https://www.w3.org/TR/trace-context-2/#key */
const simpleKey = /^[a-z0-9][a-z0-9_*/-]{0,255}$/;
/** Level 1 allows 241 characters of a tenant and 14 of a system: https://www.w3.org/TR/trace-context-1/#key */
const tenantKey = /^[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}$/;
/** Printable ASCII without comma and equals sign, no space at the end. */
const stateValue = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const maxMembers = 32;

/**
 * A Trace Context propagator that rejects everything that the specification requires to be rejected. The stock
 * propagator keeps the valid members of an invalid `tracestate`. According to the specification, the whole header is
 * discarded, and the trace continues without it.
 * https://www.w3.org/TR/trace-context/#tracestate-header
 */
export function createTraceContextPropagator(): TextMapPropagator {
  const stock = new W3CTraceContextPropagator();
  return {
    inject: (context, carrier, setter) => stock.inject(context, carrier, setter),
    fields: () => stock.fields(),
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      // Two parents contradict each other; which one is right cannot be known.
      const parent: unknown = getter.get(carrier, 'traceparent');
      if (Array.isArray(parent) && parent.length !== 1) return context;
      const extracted = stock.extract(context, carrier, getter);
      if (extracted === context) return context;
      const header: unknown = getter.get(carrier, 'tracestate');
      if (header === undefined) return extracted;
      const spanContext = trace.getSpanContext(extracted);
      if (!spanContext) return extracted;
      const traceState = parseTraceState(Array.isArray(header) ? header.join(',') : String(header));
      const { traceState: _stock, ...bare } = spanContext;
      return trace.setSpanContext(extracted, traceState ? { ...bare, traceState } : bare);
    },
  };
}

/**
 * Reads a `tracestate` header. Of members with one key the first stays.
 *
 * @returns undefined if the header is empty or invalid
 */
function parseTraceState(header: string): TraceState | undefined {
  const members = new Map<string, string>();
  let count = 0;
  for (const written of header.split(',')) {
    const member = written.replace(/^[ \t]+/, '').trimEnd();
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, Math.max(0, equals));
    const value = member.slice(equals + 1);
    if (!isLegal(key, value) || ++count > maxMembers) return undefined;
    if (!members.has(key)) members.set(key, value);
  }
  return members.size === 0 ? undefined : traceStateOf(members);
}

function isLegal(key: string, value: string): boolean {
  return (simpleKey.test(key) || tenantKey.test(key)) && stateValue.test(value);
}

/** Members in their order; what is set comes first, and the last makes room for a member beyond the limit. */
function traceStateOf(members: ReadonlyMap<string, string>): TraceState {
  return {
    get: (key) => members.get(key),
    set(key, value) {
      if (!isLegal(key, value)) return this;
      const others = [...members].filter(([name]) => name !== key).slice(0, maxMembers - 1);
      return traceStateOf(new Map([[key, value], ...others]));
    },
    unset: (key) => traceStateOf(new Map([...members].filter(([name]) => name !== key))),
    serialize: () => [...members].map(([key, value]) => `${key}=${value}`).join(','),
  };
}
