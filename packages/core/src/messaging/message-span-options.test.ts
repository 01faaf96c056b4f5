import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecorder } from '../recorder/tracer-provider.js';
import { KnownOperation } from './known-operations.js';
import type { AboutMessages } from './message-attributes.js';
import { MessageSpanOptions } from './message-span-options.js';
import type { MessagingMetrics } from './messaging-metrics.js';

const metrics = { ofOperation: () => ({}) } as unknown as MessagingMetrics;
const tracer = createRecorder({ sampler: new AlwaysOnSampler(), written() {} }).getTracer('test');

/** As the recorder has them: it lets instrumentations look at a span that lasts. */
const attributesOf = (span: Span) => (span as unknown as { attributes: Attributes }).attributes;

function bothWays(operation: 'send' | 'process' | 'process_batch', about: AboutMessages) {
  const options = new MessageSpanOptions(
    SpanKind.CONSUMER,
    [],
    operation,
    new KnownOperation(operation, about, metrics),
    about,
  );
  const { attributes } = options;
  return [
    attributesOf(tracer.startSpan('prepared', options)),
    attributesOf(tracer.startSpan('usual', { attributes })),
  ];
}

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    'orders',
    'x'.repeat(128),
    'x'.repeat(129),
    'y'.repeat(20_000),
    '\ud800',
    'password=hunter22',
  ),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const key = fc.oneof(
  text,
  text.map((one) => Buffer.from(one)),
  fc.uint8Array({ maxLength: 140 }),
  fc.uint8Array({ maxLength: 140 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom<unknown>(null, 7, {}),
);
const attributes = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'acme.shard',
      'acme.password',
      'messaging.system',
      'messaging.kafka.offset',
      'orders',
      '',
    ),
    fc.string({ maxLength: 8 }),
  ),
  fc.oneof(
    text,
    fc.double(),
    fc.boolean(),
    fc.constantFrom<unknown>(null, undefined, ['a', 'b'], [1, 'b'], {}, 5n),
  ),
);
const about = fc.record({
  system: fc.constantFrom('kafka', 'rabbitmq'),
  destination: text,
  consumerGroup: optional(text),
  clientId: optional(text),
  partition: optional(fc.oneof(fc.nat(), fc.constant('3' as never))),
  offset: optional(fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.constantFrom('12', 'none'))),
  key,
  tombstone: optional(fc.boolean()),
  messageId: optional(text),
  attributes: optional(attributes as fc.Arbitrary<Attributes>),
  count: fc.nat(3),
});

test('a span has the attributes that it would have without their being prepared', () => {
  fc.assert(
    fc.property(
      about,
      fc.constantFrom('send', 'process', 'process_batch'),
      ({ count, ...given }, operation) => {
        const messages = operation === 'process' ? given : { ...given, count, headers: [] };
        const [prepared, usual] = bothWays(operation, messages as AboutMessages);
        expect(prepared).toEqual(usual);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('attributes that throw when they are read cost themselves, not the span', () => {
  const hostile = Object.defineProperty({}, 'acme.shard', {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const attributes of [hostile, proxy]) {
    const operation = new KnownOperation('process', { system: 'acme', destination: 'orders' }, metrics);
    const given = { system: 'acme', destination: 'orders', attributes };
    const options = new MessageSpanOptions(SpanKind.CONSUMER, [], 'process', operation, given);
    expect(tracer.startSpan('hostile', options).isRecording()).toBe(true);
  }
});
