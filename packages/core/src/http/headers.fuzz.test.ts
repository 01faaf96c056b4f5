import { isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../test/fuzz.js';
import { forwardedClientAddress } from '../model/client-address.js';
import { createPropagator } from '../traces/propagation.js';
import { parseHost } from './host-header.js';

/* Headers come from anybody. */

const hex = fc.constantFrom(...'0123456789abcdefABCDEFg-');
const almostId = fc.array(hex, { minLength: 14, maxLength: 34 }).map((digits) => digits.join(''));
const traceparent = fc
  .tuple(
    fc.constantFrom('00', '01', 'ff', 'fe', '0', ''),
    almostId,
    almostId,
    fc.constantFrom('00', '01', 'ff', '', '01-x'),
  )
  .map((parts) => parts.join('-'));
const member = fc
  .tuple(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }))
  .map((pair) => pair.join('='));
const list = fc.array(
  fc.oneof(member, fc.constantFrom('', ';', '=', 'a=%', 'a=%zz', '__proto__=1', 'k=v;p=q')),
  { maxLength: 40 },
);
const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), traceparent);

const headers = fc.record(
  {
    traceparent: fc.oneof(traceparent, anything, fc.array(traceparent, { maxLength: 3 })),
    tracestate: fc.oneof(
      list.map((members) => members.join(',')),
      anything,
    ),
    baggage: fc.oneof(
      list.map((members) => members.join(',')),
      anything,
    ),
    b3: fc.oneof(traceparent, anything),
    'x-b3-traceid': fc.oneof(almostId, anything),
    'x-b3-spanid': fc.oneof(almostId, anything),
    'x-b3-sampled': anything,
    'uber-trace-id': fc.oneof(
      traceparent.map((text) => text.replaceAll('-', ':')),
      anything,
    ),
  },
  { requiredKeys: [] },
);

const propagator = createPropagator(['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger']);
const getter = {
  keys: (carrier: object) => Object.keys(carrier),
  get: (carrier: object, name: string) => Reflect.get(carrier, name),
};

test('a trace that is taken from headers has valid ids, and what is sent on has them too', () => {
  fc.assert(
    fc.property(headers, (given) => {
      const extracted = propagator.extract(ROOT_CONTEXT, given, getter);
      const span = trace.getSpanContext(extracted);
      // Jaeger fills short ids up, so that they may be all zeros; no span takes such a parent.
      if (!span || !isSpanContextValid(span)) return;
      expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      const sent: Record<string, string> = {};
      propagator.inject(extracted, sent, {
        set: (carrier, name, value) => Object.assign(carrier, { [name]: value }),
      });
      expect(sent.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
      // Header values: anything else is an error in `http.request`, inside a call of the service.
      for (const value of Object.values(sent)) expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
      // What was sent is read as the same.
      const again = trace.getSpanContext(
        propagator.extract(ROOT_CONTEXT, { traceparent: sent.traceparent }, getter),
      );
      expect(again?.traceId).toBe(span.traceId);
    }),
    fuzzRuns(2_000),
  );
});

test('baggage is bounded, and pollutes no prototype', () => {
  fc.assert(
    fc.property(list, (members) => {
      const baggage = members.join(',');
      const context = propagator.extract(ROOT_CONTEXT, { baggage }, getter);
      const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
      // A random member may have a comma in it, and then is several.
      expect(entries.length).toBeLessThanOrEqual(baggage.split(',').length);
      expect(Object.hasOwn(Object.prototype, '1')).toBe(false);
      const sent: Record<string, string> = {};
      propagator.inject(context, sent, {
        set: (carrier, name, value) => Object.assign(carrier, { [name]: value }),
      });
      expect(Buffer.byteLength(sent.baggage ?? '')).toBeLessThanOrEqual(8_192);
    }),
    fuzzRuns(1_000),
  );
});

test('host and forwarded headers are read or ignored', () => {
  fc.assert(
    fc.property(anything, anything, (host, forwarded) => {
      const parsed = parseHost(host);
      if (parsed?.port !== undefined) expect(parsed.port).toBeLessThanOrEqual(65_535);
      forwardedClientAddress({ forwarded });
      forwardedClientAddress({ 'x-forwarded-for': forwarded });
    }),
    fuzzRuns(2_000),
  );
});
