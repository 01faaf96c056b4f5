import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createTraceContextPropagator } from './trace-context.js';

const propagator = createTraceContextPropagator();
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What the next service gets. */
function handedOn(headers: Record<string, unknown>): Record<string, string> {
  const carrier: Record<string, string> = {};
  const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  propagator.inject(extracted, carrier, defaultTextMapSetter);
  return carrier;
}

const members = (count: number) => Array.from({ length: count }, (_, i) => `m${i}=${i}`).join(',');

test.each([
  ['foo=1,bar=2', 'foo=1,bar=2'],
  ['foo=1 , \t bar=2, ,', 'foo=1,bar=2'],
  ['foo= 1', 'foo= 1'],
  ['0a@vendor=1,1b=2', '0a@vendor=1,1b=2'],
  [`${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
  [`${'t'.repeat(241)}@${'v'.repeat(14)}=1`, `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
  [`a=${'v'.repeat(256)},b=${'v'.repeat(256)},c=1`, `a=${'v'.repeat(256)},b=${'v'.repeat(256)},c=1`],
  [['foo=1', 'bar=2'], 'foo=1,bar=2'],
  ['foo=1,foo=2', 'foo=1'],
  [members(32), members(32)],
])('the legal tracestate %j is handed on', (given, expected) => {
  expect(handedOn({ traceparent, tracestate: given })).toEqual({ traceparent, tracestate: expected });
});

test.each([
  'foo',
  'foo =1',
  'FOO=1',
  'foo.bar=1',
  '_a=1',
  'foo@=1,bar=2',
  '@foo=1,bar=2',
  'foo@@bar=1,bar=2',
  'foo@bar@baz=1,bar=2',
  `${'z'.repeat(257)}=1`,
  `${'t'.repeat(242)}@v=1`,
  `t@${'v'.repeat(15)}=1`,
  'foo=bar=baz',
  'foo=,bar=3',
  'foo=é',
  `foo=${'v'.repeat(257)}`,
  members(33),
  '',
])('the illegal tracestate %j is discarded as a whole, and the trace goes on', (given) => {
  expect(handedOn({ traceparent, tracestate: given })).toEqual({ traceparent });
});

test('two parents contradict each other', () => {
  expect(handedOn({ traceparent: [traceparent, traceparent.replace('b7', 'b8')] })).toEqual({});
});

test('a member that is set comes first, and the last of 32 makes room', () => {
  const extracted = propagator.extract(
    ROOT_CONTEXT,
    { traceparent, tracestate: members(32) },
    defaultTextMapGetter,
  );
  const state = trace.getSpanContext(extracted)?.traceState?.set('own', 'x');
  expect(state?.serialize()).toBe(`own=x,${members(31)}`);
  expect(state?.set('BAD', '1')).toBe(state);
  expect(state?.unset('own').serialize()).toBe(members(31));
});
