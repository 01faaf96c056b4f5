import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTraceParent, writtenTraceParent } from './trace-parent.js';

const propagator = new W3CTraceContextPropagator();

function readByPropagator(traceparent: string) {
  const carrier = { traceparent };
  const extracted = propagator.extract(ROOT_CONTEXT, carrier, {
    get: (headers: typeof carrier, name) => headers[name as 'traceparent'],
    keys: Object.keys,
  });
  return trace.getSpanContext(extracted);
}

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const usual = fc
  .tuple(hex(32), hex(16), hex(2))
  .filter(([traceId, spanId]) => !/^0+$/.test(traceId) && !/^0+$/.test(spanId))
  .map(([traceId, spanId, flags]) => `00-${traceId}-${spanId}-${flags}`);

test('the usual form is read as the propagator reads it, from text and from bytes', () => {
  fc.assert(
    fc.property(usual, (text) => {
      expect(readTraceParent(text)).toEqual(readByPropagator(text));
      expect(readTraceParent(Buffer.from(`x${text}x`).subarray(1, -1))).toEqual(readByPropagator(text));
    }),
  );
});

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('what is one character away from it is read alike, or left to the propagator', () => {
  const oddCharacters = [...'0fFgG-/:`@_ \t\u0000\u007f\u0080\u00ff\u0130한\ud83d'];
  for (let at = 0; at < valid.length; at++) {
    for (const odd of oddCharacters) {
      const text = valid.slice(0, at) + odd + valid.slice(at + 1);
      for (const value of [text, Buffer.from(text), Buffer.from(text, 'latin1')]) {
        const read = readTraceParent(value);
        if (read) expect([value, read]).toEqual([value, readByPropagator(String(value))]);
      }
    }
    expect(readTraceParent(valid.slice(0, at) + valid.slice(at + 1))).toBeUndefined();
    expect(readTraceParent(`${valid.slice(0, at)}0${valid.slice(at)}`)).toBeUndefined();
  }
});

test.each<[string, unknown]>([
  ['no trace id', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['no span id', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
  ['another version', valid.replace('00', '01')],
  ['more than one', [valid, valid]],
  ['nothing', undefined],
  ['null', null],
  ['a number', 55],
  ['bytes of another kind', new Uint8Array(Buffer.from(valid))],
])('%s is left to the propagator', (_, value) => {
  expect(readTraceParent(value)).toBeUndefined();
});

test.each([0, 1, 2, 3, 255])(
  'a span with the flags %d is written as the propagator writes it',
  (traceFlags) => {
    const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags };
    const written: Record<string, string> = {};
    propagator.inject(trace.setSpanContext(ROOT_CONTEXT, spanContext), written, {
      set: (carrier, name, value) => {
        carrier[name] = value;
      },
    });
    expect({ traceparent: writtenTraceParent(spanContext) }).toEqual(written);
  },
);
