import { context, SpanKind } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  logger,
  type MessageHeaders,
  type MessagingOperations,
  type ObservabilityPlugin,
  withSpan,
} from '../index.js';
import { type CapturedObservability, type CaptureOptions, captureObservability } from '../testing.js';

let captured: CapturedObservability;
let messaging: MessagingOperations;

const start = (options: CaptureOptions = {}) => {
  const plugin: ObservabilityPlugin = {
    name: 'own-broker',
    setup(plugged) {
      messaging = plugged.messaging;
    },
  };
  captured = captureObservability({ ...options, plugins: [plugin] });
};
beforeEach(() => start());
afterEach(() => captured.stop());

const spanNamed = (name: string) => captured.waitForSpan((span) => span.name === name);
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const parentOf = async (headers: MessageHeaders) => {
  captured.reset();
  messaging.startProcess({ system: 'nats', destination: 'orders', headers }).end();
  return (await spanNamed('process orders')).parentSpanContext?.spanId;
};

test.each<[string, MessageHeaders]>([
  ['an object of text', { traceparent }],
  ['an object of bytes', { traceparent: Buffer.from(traceparent) }],
  [
    'bytes in a larger buffer',
    { traceparent: new Uint8Array(Buffer.from(`x${traceparent}x`)).subarray(1, -1) },
  ],
  ['a list of values', { traceparent: [Buffer.from(traceparent), 'second'] }],
  ['a map', new Map([['traceparent', traceparent]])],
  ['a map of bytes', new Map([[Buffer.from('traceparent'), Buffer.from(traceparent)]])],
  ['a list of objects', [{ other: 1 }, { traceparent }]],
])('context is read from %s', async (_, headers) => {
  expect(await parentOf(headers)).toBe('b7ad6b7169203331');
});

test.each<[string, MessageHeaders]>([
  ['malformed text', { traceparent: '00-zz' }],
  ['bytes that are not UTF-8', { traceparent: Buffer.from([0xff, 0xfe]) }],
  ['a megabyte', { traceparent: Buffer.alloc(1_000_000, traceparent) }],
  ['an empty list', { traceparent: [] }],
  [
    'a list that contains itself',
    {
      traceparent: (() => {
        const list: unknown[] = [];
        list.push(list);
        return list;
      })(),
    },
  ],
  ['numbers and nothing', { traceparent: 7, tracestate: null, baggage: undefined }],
  ['a list with holes', [null, undefined, {}] as unknown as MessageHeaders],
  ['what objects inherit', Object.create({ traceparent })],
])('%s is no context, and does no harm', async (_, headers) => {
  expect(await parentOf(headers)).toBeUndefined();
});

test('context is written to all forms of headers that have none', () => {
  const forms: MessageHeaders[] = [
    {},
    new Map(),
    new Map([[Buffer.from('a'), 'b']]),
    [{ a: 'b' }],
    { traceparent },
  ];
  withSpan('service', (span) => {
    for (const headers of forms) messaging.injectHeaders(headers);
    const own = `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`;
    expect(forms).toEqual([
      { traceparent: own },
      new Map([['traceparent', own]]),
      new Map<unknown, unknown>([
        [Buffer.from('a'), 'b'],
        [Buffer.from('traceparent'), own],
      ]),
      [{ a: 'b' }, { traceparent: own }],
      { traceparent },
    ]);
  });
});

test("another propagator's headers are written, read and respected", async () => {
  await captured.stop();
  start({ traces: { propagators: ['b3'] } });
  const headers: Record<string, unknown> = {};
  messaging.startSend({ system: 'nats', destination: 'orders', count: 1, headers: [headers] }).end();
  const send = await spanNamed('send orders');
  expect(headers.b3).toContain(send.spanContext().spanId);
  expect(await parentOf(headers)).toBe(send.spanContext().spanId);
});

test('asking for messages is a span where it brings some and another span is around it', async () => {
  const received = { system: 'kafka', destination: 'orders', consumerGroup: 'views', clientId: 'c' };
  messaging.startReceive(received).end({ count: 2 });
  withSpan('loop', () => {
    messaging.startReceive(received).end({ count: 0 });
    messaging.startReceive(received).end({ count: 3 });
  });
  await spanNamed('loop');
  const polls = captured.spans.filter((span) => span.name === 'poll orders');
  expect(polls.map((span) => [span.kind, span.attributes])).toEqual([
    [
      SpanKind.CLIENT,
      {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'poll',
        'messaging.operation.type': 'receive',
        'messaging.destination.name': 'orders',
        'messaging.consumer.group.name': 'views',
        'messaging.client.id': 'c',
        'messaging.batch.message_count': 3,
      },
    ],
  ]);
  const metrics = await captured.metrics();
  expect(metrics).toMatch(
    /messaging_client_consumed_messages_total\{messaging_system="kafka",messaging_destination_name="orders",messaging_consumer_group_name="views"[^}]*\} 5\n/,
  );
  expect(metrics).toMatch(
    /messaging_client_operation_duration_seconds_count\{[^}]*messaging_operation_name="poll"[^}]*\} 3\n/,
  );
});

test('log lines in a handler say which message; fields of their own stay', () => {
  const operation = messaging.startProcess({
    system: 'kafka',
    destination: 'orders',
    partition: 3,
    offset: 42n,
  });
  operation.run(() => {
    logger.info('inside');
    logger.info('own field', { topic: 'mine' });
  });
  operation.end();
  logger.info('outside');
  expect(captured.logLines.slice(-3)).toMatchObject([
    { topic: 'orders', partition: 3, offset: '42' },
    { topic: 'mine', partition: 3 },
    { message: 'outside' },
  ]);
  expect(captured.logLines.at(-1)).not.toHaveProperty('topic');
});

test('where tracing is suppressed nothing is recorded or written', async () => {
  const headers = {};
  context.with(suppressTracing(context.active()), () => {
    messaging.startSend({ system: 'kafka', destination: 'own', count: 1, headers: [headers] }).end();
  });
  expect(headers).toEqual({});
  expect(await captured.metrics()).not.toContain('destination_name="own"');
});

test('the age of a message is the time since its timestamp, never negative, never invented', async () => {
  const age = async () =>
    (await captured.metrics())
      .split('\n')
      .filter((line) => /^messaging_message_age_seconds_(sum|count)\{/.test(line))
      .map((line) => Math.round(Number(line.split(' ')[1])));
  const process = (timestampMillis: string | number | bigint | undefined) =>
    messaging.startProcess({ system: 'kafka', destination: 'orders', timestampMillis }).end();
  process(String(Date.now() - 60_000));
  process(BigInt(Date.now() + 60_000));
  for (const unknown of [undefined, -1, '', 'soon']) process(unknown);
  expect((await age()).sort((a, b) => a - b)).toEqual([2, 60]);
});

test('the age of a message names its trace as exemplar', async () => {
  const operation = messaging.startProcess({
    system: 'kafka',
    destination: 'aged',
    timestampMillis: Date.now() - 30_000,
  });
  operation.end();
  const traceId = operation.span?.spanContext().traceId;
  expect(
    (await captured.metrics())
      .split('\n')
      .filter((line) => line.startsWith('messaging_message_age_seconds_bucket{') && line.includes('"aged"'))
      .filter((line) => line.includes(`trace_id="${traceId}"`)),
  ).toMatchObject([expect.stringContaining('le="60.0"')]);
});
