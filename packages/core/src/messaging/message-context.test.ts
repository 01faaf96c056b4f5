import { type Context, createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';
import { expect, test } from 'vitest';
import { unitOfWorkOf } from '../annotations/unit-of-work.js';
import { contextFieldsOf, withContextFields } from '../context/context-fields.js';
import { MessageContext, runningBatchOf } from './message-context.js';

const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
const other = trace.wrapSpanContext({ traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceFlags: 1 });
const baggage = propagation.createBaggage({ tenant: { value: 'one' } });
const key = createContextKey('key');
const message = { system: 'kafka', destination: 'orders', partition: 1, offset: 7n };
const work = { span };
const batch = { span: other, isProcessedSingly: true };

const outer = withContextFields(
  propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, other), baggage).setValue(key, 'outer'),
  { tenant: 'one', topic: 'none' },
);

function begun(around: Context): MessageContext {
  const context = new MessageContext(around, message);
  context.begin(span, work, batch);
  return context;
}

const contentsOf = (context: Context) => ({
  span: trace.getSpan(context),
  baggage: propagation.getBaggage(context),
  fields: contextFieldsOf(context),
  work: unitOfWorkOf(context),
  batch: runningBatchOf(context),
  key: context.getValue(key),
  suppressed: isTracingSuppressed(context),
});

const expected = {
  span,
  baggage: undefined,
  fields: { tenant: 'one', topic: 'orders', partition: 1, offset: '7' },
  work,
  batch,
  key: 'outer',
  suppressed: false,
};

test('it has what the message has, and of the context around it neither span nor baggage', () => {
  expect(contentsOf(begun(outer))).toEqual(expected);
});

test('before it has begun, it has no span', () => {
  const context = new MessageContext(outer, message);
  expect(trace.getSpan(context)).toBeUndefined();
  expect(trace.getSpan(context.setValue(key, 1))).toBeUndefined();
  expect(propagation.getBaggage(context.setValue(key, 1))).toBeUndefined();
});

test('what is set or deleted in it makes another context, and leaves it as it is', () => {
  const context = begun(outer);
  expect(contentsOf(suppressTracing(context))).toEqual({ ...expected, suppressed: true });
  expect(contentsOf(context.setValue(key, 1))).toEqual({ ...expected, key: 1 });
  expect(contentsOf(trace.setSpan(context, other))).toEqual({ ...expected, span: other });
  expect(contentsOf(propagation.setBaggage(context, baggage))).toEqual({ ...expected, baggage });
  expect(contentsOf(trace.deleteSpan(context))).toEqual({ ...expected, span: undefined });
  expect(contentsOf(context)).toEqual(expected);
});

test('what was added while its span was being started does not hide that span later', () => {
  const context = new MessageContext(outer, message);
  context.span = other;
  expect(trace.getSpan(context.setValue(key, 1))).toBe(other);
  context.begin(span, work, undefined);
  expect(trace.getSpan(context.setValue(key, 1))).toBe(span);
});

test('fields that are given take the place of topic, partition and offset', () => {
  const context = new MessageContext(ROOT_CONTEXT, { ...message, logFields: { queue: 'orders' } });
  expect(contextFieldsOf(context)).toEqual({ queue: 'orders' });
  const inside = new MessageContext(context, { system: 'kafka', destination: 'inner' });
  expect(contextFieldsOf(inside)).toEqual({ queue: 'orders', topic: 'inner' });
});

test('a handler that asks for the next message grows no chain of contexts', () => {
  let reads = 0;
  const counting: Context = {
    getValue(asked) {
      reads++;
      return outer.getValue(asked);
    },
    setValue: (...entry) => outer.setValue(...entry),
    deleteValue: (asked) => outer.deleteValue(asked),
  };
  let nested: Context = begun(counting);
  // Neither here nor where the handler has added something.
  for (let i = 0; i < 100; i++) nested = begun(i % 10 === 0 ? nested.setValue(key, 'outer') : nested);
  expect(contentsOf(nested)).toEqual(expected);
  expect(reads).toBeLessThan(20);
  nested = begun(begun(counting));
  reads = 0;
  expect(nested.getValue(key)).toBe('outer');
  expect(reads).toBe(1);
});
