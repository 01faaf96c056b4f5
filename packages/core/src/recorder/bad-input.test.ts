import {
  type Attributes,
  type Exception,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AlwaysOnSampler, type Sampler } from '@opentelemetry/sdk-trace-base';
import { collectGarbage } from '@throughline/testbed/collect-garbage';
import { expect, test } from 'vitest';
import { type DecodedSpan, decodeTraceRequest } from '../../test/otlp/decode-trace-request.js';
import { TraceRequestWriter } from './otlp/trace-request.js';
import type { RecorderLimits } from './span/limits.js';
import type { RecordedSpan } from './span/span.js';
import { createRecorder } from './tracer-provider.js';

function recorded(
  use: (span: Span) => unknown,
  { limits, sampler = new AlwaysOnSampler() }: { limits?: Partial<RecorderLimits>; sampler?: Sampler } = {},
): DecodedSpan | undefined {
  const request = new TraceRequestWriter({ attributes: {} });
  const provider = createRecorder({
    sampler,
    limits,
    written: (section, span) => request.add(section, span),
  });
  const span = provider.getTracer('test').startSpan('work', {}, ROOT_CONTEXT);
  use(span);
  span.end();
  return request.spanCount === 0 ? undefined : decodeTraceRequest(request.take())[0];
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const hostile: Record<string, unknown> = {
  'a getter that throws': {
    get bad() {
      throw new Error('no');
    },
    good: 1,
  },
  'a revoked Proxy': revoked(),
  'an array of a revoked Proxy': [revoked()],
  'a revoked array': (() => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  })(),
  'no prototype': Object.create(null),
  symbol: Symbol('s'),
  bigint: 5n,
  function: () => 1,
  'a toString that throws': {
    toString() {
      throw new Error('no');
    },
  },
  null: null,
  undefined: undefined,
};

for (const [what, value] of Object.entries(hostile)) {
  test(`${what} is thrown at nobody, wherever it is given`, () => {
    const given = value as never;
    const span = recorded((span) => {
      span.setAttribute('value', given).setAttribute(given, 1).setAttributes(given);
      span
        .addEvent(given)
        .addEvent('event', given)
        .addEvent('event', {}, given)
        .addEvent('event', { value: given });
      span.addLink(given).addLinks(given).addLinks([given]);
      span.setStatus(given).setStatus({ code: SpanStatusCode.ERROR, message: given }).updateName(given);
      span.recordException(given);
    });
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
  });
}

test('what can be read beside a getter that throws is recorded', () => {
  const span = recorded((span) => span.setAttributes(hostile['a getter that throws'] as Attributes));
  expect(span?.attributes).toEqual({ good: { intValue: '1' } });
});

test('an exception that cannot be looked at is an exception all the same', () => {
  const span = recorded((span) => span.recordException(revoked() as Exception));
  expect(span?.events[0]?.attributes).toEqual({ 'exception.type': { stringValue: 'unreadable' } });
});

test('a list of links without an end takes as long as the links that a span can hold', () => {
  const link = { context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 } };
  const endless = {
    *[Symbol.iterator]() {
      while (true) yield link;
    },
  };
  const span = recorded((span) => span.addLinks(endless as never).addLinks(new Array(1e6).fill(link)));
  expect(span?.links).toHaveLength(128);
  expect(span?.droppedLinksCount).toBeGreaterThanOrEqual(1e6);
});

test('the names of spans and events show no secret', () => {
  const span = recorded((span) =>
    span.updateName('GET /reset?token=hunter2').addEvent('at u:hunter22@db:5432/x'),
  );
  expect(span?.name).toBe('GET /reset?token=REDACTED');
  expect(span?.events[0]?.name).toBe('at u:REDACTED@db:5432/x');
});

test('10,000 attributes leave 128, and the number of the others', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key.${i}`, i]));
  const span = recorded((span) => span.setAttributes(many));
  expect(Object.keys(span?.attributes ?? {})).toHaveLength(128);
  expect(span?.droppedAttributesCount).toBe(9_872);
});

test('a value of a megabyte is cut to the limit in bytes, between characters, and says so', () => {
  const long = '한😀'.repeat(200_000);
  const span = recorded((span) => {
    span.setAttribute('long', long).setAttribute('list', Array(100_000).fill('element'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: long });
    span.recordException(Object.assign(new Error(long), { stack: long }));
    span.updateName(long);
  });
  const texts = [
    span?.attributes.long,
    span?.events[0]?.attributes['exception.message'],
    span?.events[0]?.attributes['exception.stacktrace'],
    { stringValue: span?.status.message },
  ].map((value) => (value as { stringValue: string }).stringValue);
  for (const text of texts) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16_384);
    expect(Buffer.byteLength(text)).toBeGreaterThan(16_384 - 8);
    expect(text).toMatch(/^(한😀)+한?… \[cut: 600000 characters\]$/u);
  }
  expect(Buffer.byteLength(span?.name ?? '')).toBeLessThanOrEqual(1_024);
  const list = span?.attributes.list as { stringValue: string }[];
  expect(list.length).toBeLessThan(1_500);
  expect(list.at(-1)).toEqual({ stringValue: '… [cut: 100000 elements]' });
});

test.each([
  ['by bytes', undefined, 16_384],
  ['by characters', { attributeValueLength: 500 }, 500],
])('no half of a secret is left where a value is cut %s', (_, limits, cut) => {
  const secret = 'k9'.repeat(20);
  const url = `postgres://orders:${secret}@db/orders `;
  for (let before = cut - 80; before < cut; before += 7) {
    const long = `${'a '.repeat(before / 2)}${url}${'b '.repeat(cut)}`;
    const span = recorded(
      (span) => {
        span.setAttribute('long', long).setAttribute('list', [long]);
        span.setStatus({ code: SpanStatusCode.ERROR, message: long });
        span.recordException(Object.assign(new Error(long), { stack: long }));
      },
      { limits: limits ?? {} },
    );
    expect(JSON.stringify([span?.attributes, span?.status, span?.events[0]?.attributes])).not.toMatch(
      /(k9){2}/,
    );
  }
});

test('what is cut does not hold the text that it was cut from', () => {
  const held: string[] = [];
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    written: (_section, span) => held.push(span.pairs[1] as string),
  });
  const tracer = provider.getTracer('test');
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 40; i++) {
    const long = Buffer.alloc(1_000_000, 97 + (i % 26)).toString('latin1');
    tracer.startSpan('work', { attributes: { long } }).end();
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  for (const text of held) expect(text).toHaveLength(16_382);
});

test('a span never holds more than about its limit in bytes, and counts what it dropped', () => {
  let size = 0;
  const request = new TraceRequestWriter({ attributes: {} });
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    written: (section, span) => {
      request.add(section, span);
      size = request.byteCount;
    },
  });
  const span = provider.getTracer('test').startSpan('work');
  const long = 'x'.repeat(16_384);
  for (let i = 0; i < 100; i++) span.setAttribute(`key.${i}`, long);
  for (let i = 0; i < 100; i++) span.addEvent('event', { long });
  for (let i = 0; i < 100; i++) {
    span.addLink({
      context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 },
      attributes: { long },
    });
  }
  span.end();
  expect(size).toBeLessThan(140_000);
  const [decoded] = decodeTraceRequest(request.take());
  expect(decoded?.droppedAttributesCount).toBe(92);
  expect(decoded?.droppedEventsCount).toBe(100);
  expect(decoded?.droppedLinksCount).toBe(100);
});

test('a value that replaces a longer one gives its room back', () => {
  const span = recorded((span) => {
    for (let i = 0; i < 100; i++) span.setAttribute('same', 'x'.repeat(16_000 + i));
    span.setAttribute('other', 'y'.repeat(16_000));
  });
  expect(span?.droppedAttributesCount).toBe(0);
  expect(span?.attributes.same).toEqual({ stringValue: 'x'.repeat(16_099) });
});

test('a time before 1970 is unknown, not in the year 2554; no time at all is now', () => {
  const before = BigInt(Date.now() - 1) * 1_000_000n;
  const span = recorded((span) => {
    span.addEvent('old', {}, new Date(-1)).addEvent('none', {}, new Date(Number.NaN));
    span.addEvent('NaN', {}, Number.NaN).addEvent('endless', {}, [Number.POSITIVE_INFINITY, 0]);
  });
  expect(span?.events[0]?.time).toBe(0n);
  for (const event of span?.events.slice(1) ?? []) expect(event.time).toBeGreaterThanOrEqual(before);
});

test('a span that ends before it starts lasts no time', () => {
  const request = new TraceRequestWriter({ attributes: {} });
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    written: (section, span) => request.add(section, span),
  });
  provider
    .getTracer('test')
    .startSpan('work', { startTime: new Date(2_000) })
    .end(new Date(1_000));
  const [span] = decodeTraceRequest(request.take());
  expect(span?.start).toBe(2_000_000_000n);
  expect(span?.end).toBe(span?.start);
});

test('times that nobody gave are those of the clock, in their order', () => {
  const before = BigInt(Date.now() - 2) * 1_000_000n;
  const span = recorded((span) => span.addEvent('between'));
  const after = BigInt(Date.now() + 3) * 1_000_000n;
  const times = [before, span?.start, span?.events[0]?.time, span?.end, after] as bigint[];
  expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
});

test('a sampler or an id generator that throws costs the span, not the request', () => {
  const broken = {
    shouldSample() {
      throw new Error('broken');
    },
    toString: () => 'broken',
  };
  expect(recorded((span) => span.setAttribute('a', 1), { sampler: broken })).toBeUndefined();
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    idGenerator: {
      generateTraceId() {
        throw new Error('broken');
      },
      generateSpanId: () => '1'.repeat(16),
    },
    written: () => {},
  });
  expect(provider.getTracer('test').startSpan('work').isRecording()).toBe(false);
});

test('a listener that throws at the end of a span does not cost the span', () => {
  const written: RecordedSpan[] = [];
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    written: (_section, span) => written.push(span),
    ended() {
      throw new Error('broken');
    },
  });
  provider.getTracer('test').startSpan('work').end();
  expect(written).toHaveLength(1);
});

test('an id generator that gives no ids of the right form does no harm to the request', () => {
  const request = new TraceRequestWriter({ attributes: {} });
  const provider = createRecorder({
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => 'xyz', generateSpanId: () => '한'.repeat(40) },
    written: (section, span) => request.add(section, span),
  });
  provider.getTracer('test').startSpan('work').end();
  provider.getTracer('test').startSpan('next').end();
  expect(decodeTraceRequest(request.take()).map(({ name }) => name)).toEqual(['work', 'next']);
});

test('the parent of a span in a made-up context may be anything', () => {
  const provider = createRecorder({ sampler: new AlwaysOnSampler(), written: () => {} });
  const strange = trace.setSpan(ROOT_CONTEXT, { spanContext: () => undefined } as never);
  expect(() => provider.getTracer('test').startSpan('work', {}, strange).end()).not.toThrow();
});
