import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, suppressTracing } from '@opentelemetry/core';
import { expect, test } from 'vitest';
import { ServerContext } from './server-context.js';

const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
const other = trace.wrapSpanContext({ traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1 });
const baggage = propagation.createBaggage({ tenant: { value: 'one' } });
const outer = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, other), baggage);

test('it has the span, the RPC metadata, and what the context around it has', () => {
  const context = new ServerContext(outer, span);
  expect(trace.getSpan(context)).toBe(span);
  expect(getRPCMetadata(context)).toMatchObject({ type: RPCType.HTTP, span });
  expect(propagation.getBaggage(context)).toBe(baggage);
  expect(isTracingSuppressed(context)).toBe(false);
});

test('a framework instrumentation leaves its route where it is found again', () => {
  const context = new ServerContext(outer, span);
  const metadata = getRPCMetadata(context);
  if (metadata) metadata.route = '/orders/:id';
  expect(getRPCMetadata(context)?.route).toBe('/orders/:id');
  expect(getRPCMetadata(suppressTracing(context))?.route).toBe('/orders/:id');
});

test('what is set or deleted in it makes another context, and leaves it as it is', () => {
  const context = new ServerContext(outer, span);
  const key = createContextKey('key');
  const changed = context.setValue(key, 1);
  expect(changed.getValue(key)).toBe(1);
  expect(context.getValue(key)).toBeUndefined();
  expect(trace.getSpan(changed)).toBe(span);
  expect(propagation.getBaggage(changed)).toBe(baggage);
  expect(trace.getSpan(trace.setSpan(context, other))).toBe(other);
  const deleted = trace.deleteSpan(context);
  expect(trace.getSpan(deleted)).toBeUndefined();
  expect(propagation.getBaggage(deleted)).toBe(baggage);
  expect(trace.getSpan(context)).toBe(span);
});
