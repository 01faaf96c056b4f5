import { SpanKind, type TextMapPropagator } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { logger, withSpan } from '../index.js';
import type { MessageHeaders, MessagingOperations, ObservabilityPlugin } from '../plugin.js';
import { type CapturedObservability, captureObservability } from '../testing.js';

/*
 * Messages go a shorter way where nothing but W3C Trace Context and Baggage is configured. A propagator that does nothing
 * makes them go the general way; both must record, write and log the same.
 */
const doesNothing: TextMapPropagator = {
  inject() {},
  extract: (context) => context,
  fields: () => [],
};

let captured: CapturedObservability | undefined;
afterEach(() => captured?.stop());

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const parents = [
  traceparent,
  traceparent.replace(/1$/, '0'),
  traceparent.replace(/01$/, '03'),
  traceparent.replace('00-', 'cc-'),
  `${traceparent}-more`,
  traceparent.toUpperCase(),
  ` ${traceparent}`,
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  '00-zz',
  '',
];
const text = fc.constantFrom(...parents);
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 4, arbitrary: text.map((one) => Buffer.from(one)) },
  fc.tuple(text, text),
  fc.constantFrom<unknown>(undefined, null, 7, Buffer.from([0xff, 0x30]), [], [Buffer.from(traceparent)]),
);
const state = fc.option(fc.constantFrom('a=1', Buffer.from('a=1,b=2'), 'not valid'), { nil: undefined });
const baggage = fc.option(fc.constantFrom('tenant=one', Buffer.from('tenant=two'), ''), { nil: undefined });

const headers: fc.Arbitrary<MessageHeaders | undefined> = fc
  .tuple(value, state, baggage, fc.constantFrom('object', 'map', 'list', 'none'))
  .map(([parent, tracestate, carried, form]) => {
    const entries = Object.entries({ traceparent: parent, tracestate, baggage: carried, own: 'x' }).filter(
      ([, one]) => one !== undefined,
    );
    if (form === 'none') return undefined;
    if (form === 'map') return new Map(entries);
    return form === 'list' ? entries.map(([name, one]) => ({ [name]: one })) : Object.fromEntries(entries);
  });

const program = fc.record({
  messages: fc.array(headers, { minLength: 1, maxLength: 3 }),
  relation: fc.constantFrom('child' as const, 'link' as const),
  inBatch: fc.boolean(),
  inSpan: fc.boolean(),
});

type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

function run({ messages, relation, inBatch, inSpan }: Program, messaging: MessagingOperations): unknown[] {
  const system = 'kafka';
  const destination = 'orders';
  const sent: unknown[] = [];
  const copy = (one: MessageHeaders | undefined): MessageHeaders =>
    one instanceof Map ? new Map(one) : Array.isArray(one) ? [...one] : { ...one };
  const process = () => {
    for (const [offset, one] of messages.entries()) {
      const received = { system, destination, offset, ...(one && { headers: one }) };
      const operation = messaging.startProcess(received, { relation });
      operation.run(() => {
        logger.info('handled');
        withSpan('inside', () => {
          const given = [{}, copy(one)];
          messaging.startSend({ system, destination, count: 2, headers: given }).end();
          sent.push(given);
        });
      });
      operation.end();
    }
  };
  const all = () => {
    if (!inBatch) return process();
    const batch = messaging.startBatch({ system, destination, count: messages.length, headers: messages });
    batch.run(process);
    batch.end();
  };
  if (inSpan) withSpan('loop', all);
  else all();
  return sent;
}

test('the short way records, writes and logs what the general way does', async () => {
  const programs = fc.sample(program, { numRuns: 150, seed: 42 });
  const ways: unknown[] = [];
  for (const extra of [[], [doesNothing]]) {
    let messaging: MessagingOperations | undefined;
    const plugin: ObservabilityPlugin = {
      name: 'own-broker',
      setup(plugged) {
        messaging = plugged.messaging;
      },
    };
    captured = captureObservability({
      plugins: [plugin],
      traces: { propagators: ['tracecontext', 'baggage', ...extra] },
    });
    const results: unknown[] = [];
    for (const one of programs) {
      captured.reset();
      const sent = run(one, messaging as MessagingOperations);
      await captured.observability.flush();
      // Ids differ from run to run; those of the messages do not, and the others are numbered as they appear.
      const numbers = new Map<string, string>();
      const numbered = (id: string) => {
        if (traceparent.includes(id)) return id;
        if (!numbers.has(id)) numbers.set(id, `#${numbers.size}`);
        return numbers.get(id);
      };
      const spans = captured.spans.map((span) => ({
        name: span.name,
        kind: SpanKind[span.kind],
        attributes: span.attributes,
        context: span.spanContext(),
        parent: span.parentSpanContext,
        links: span.links,
      }));
      const lines = captured.logLines.map(({ timestamp: _, ...line }) => line);
      const text = JSON.stringify({ spans, sent, lines }, (_, given) =>
        typeof given?.serialize === 'function' ? given.serialize() : given,
      );
      results.push(JSON.parse(text.replace(/[0-9a-f]{32}|[0-9a-f]{16}/g, (id) => numbered(id) ?? id)));
    }
    ways.push(results);
    await captured.stop();
  }
  const [short, general] = ways as [object[], object[]];
  expect(short).toHaveLength(programs.length);
  expect(short).toEqual(general);
});

test('however many clients a service makes up, spans and series are right and what is kept is bounded', async () => {
  let messaging: MessagingOperations | undefined;
  captured = captureObservability({
    plugins: [
      {
        name: 'own-broker',
        setup(plugged) {
          messaging = plugged.messaging;
        },
      },
    ],
  });
  for (let i = 0; i < 3_000; i++) {
    const client = {
      system: 'acme',
      destination: i % 2 === 0 ? 'orders' : `topic ${i}`,
      clientId: `client ${i}`,
    };
    messaging?.startSend({ ...client, count: 1, headers: [{}] }).end();
    // The queue of spans is bounded.
    if (i % 500 === 499) await captured.observability.flush();
  }
  for (const [i, span] of captured.spans.slice(-50).entries()) {
    const at = 2_950 + i;
    expect(span.attributes['messaging.client.id']).toBe(`client ${at}`);
    expect(span.name).toBe(at % 2 === 0 ? 'send orders' : `send topic ${at}`);
  }
  const sentToOrders =
    /^messaging_client_sent_messages_total\{.*messaging_destination_name="orders".*\} 1500\b/m;
  expect(await captured.metrics()).toMatch(sentToOrders);
});
