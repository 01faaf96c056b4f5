import { context, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logger, withSpan } from '../index.js';
import type { MessageHeaders, MessagingOperations, ObservabilityPlugin } from '../plugin.js';
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

test('what only one broker has is on the spans, and its own fields take the place of topic and offset', async () => {
  const own = { attributes: { 'acme.shard': 'a' }, messageId: 'm-1' };
  const system = 'acme';
  messaging.startSend({ system, destination: 'orders', count: 1, headers: [{}], ...own }).end();
  const logFields = { queue: 'orders', attempt: 2 };
  const processing = messaging.startProcess({ system, destination: 'orders', offset: 4, logFields, ...own });
  processing.run(() => logger.info('handled'));
  processing.end();
  for (const name of ['send orders', 'process orders']) {
    expect((await spanNamed(name)).attributes).toMatchObject({
      'acme.shard': 'a',
      'messaging.message.id': 'm-1',
    });
  }
  const line = captured.logLines.find(({ message }) => message === 'handled');
  expect(line).toMatchObject(logFields);
  expect(line).not.toHaveProperty('topic');
  expect(line).not.toHaveProperty('offset');
});

test('a part of the processing in another process goes on in the context of the message', () => {
  const before = captured.spans.length;
  const run = (headers: MessageHeaders | undefined) =>
    withSpan('loop', () =>
      messaging.runInContext({ headers, logFields: { queue: 'orders' } }, () => {
        logger.info('handled');
        return trace.getActiveSpan()?.spanContext().spanId;
      }),
    );
  expect(run({ traceparent })).toBe('b7ad6b7169203331');
  expect(run(undefined)).toBeUndefined();
  const lines = captured.logLines.filter(({ message }) => message === 'handled');
  expect(lines).toMatchObject([
    { queue: 'orders', trace_id: '0af7651916cd43dd8448eb211c80319c' },
    { queue: 'orders' },
  ]);
  expect(captured.spans.length - before).toBe(captured.spans.filter(({ name }) => name === 'loop').length);
});

test('a poll links to the producers of what it brought', async () => {
  await withSpan('loop', async () =>
    messaging.startReceive({ system: 'acme', destination: 'orders' }).end({
      count: 3,
      headers: [{ traceparent }, undefined, { traceparent: 'nonsense' }],
    }),
  );
  const { links } = await spanNamed('poll orders');
  expect(links.map(({ context }) => context.spanId)).toEqual(['b7ad6b7169203331']);
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
    /messaging_client_consumed_messages_total\{messaging_system="kafka",messaging_destination_name="orders",messaging_consumer_group_name="views"[^}]*\} 5 # \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} 3 /,
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

describe('old trace headers', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  beforeEach(async () => {
    await captured.stop();
    start({ legacyTraceHeader: ['X-Trace-Id'] });
  });

  test.each<[string, MessageHeaders]>([
    ['text', { 'x-trace-id': id }],
    ['bytes', { 'X-Trace-Id': Buffer.from(id) }],
    ['another case', { 'X-TRACE-ID': id }],
    ['a list of values', { 'X-Trace-Id': [id, 'second'] }],
    ['a map', new Map([['X-Trace-Id', id]])],
    ['a list of objects', [{ other: 1 }, { 'x-trace-id': id }]],
    ['beside a malformed traceparent', { traceparent: '00-zz', 'x-trace-id': id }],
  ])('%s starts the trace of that id', async (_, headers) => {
    messaging
      .startProcess({ system: 'nats', destination: 'orders', offset: 7, headers })
      .run(() => logger.info('handled'));
    expect(captured.logLines.at(-1)).toMatchObject({
      message: 'handled',
      trace_id: id,
      legacy_trace_id: id,
      topic: 'orders',
      offset: 7,
    });
    expect(await captured.metrics()).toMatch(
      /throughline_legacy_trace_headers_total\{direction="in",source="topic orders"[^}]*\} 1$/m,
    );
  });

  test.each<[string, 'child' | 'link', boolean]>([
    ['as a child', 'child', false],
    ['where messages are linked', 'link', false],
    ['in a batch', 'child', true],
  ])('%s, with nothing to link to but the batch', async (_, relation, inBatch) => {
    const headers = { 'x-trace-id': id };
    const received = { system: 'nats', destination: 'orders' };
    const process = () => messaging.startProcess({ ...received, headers }, { relation }).end();
    const batch = inBatch ? messaging.startBatch({ ...received, count: 1, headers: [headers] }) : undefined;
    if (batch) batch.run(process);
    else process();
    batch?.end();
    const span = await spanNamed('process orders');
    expect(span.spanContext().traceId).toBe(id);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes.legacy_trace_id).toBe(id);
    expect(span.links).toHaveLength(inBatch ? 1 : 0);
    expect(await captured.metrics()).toMatch(/direction="in",source="topic orders"[^}]*\} 1$/m);
  });

  test('messages carry both on', () => {
    const sent: MessageHeaders[] = [{}, { 'x-trace-id': 'own' }, new Map(), []];
    messaging
      .startProcess({ system: 'nats', destination: 'orders', headers: { 'x-trace-id': 'order 7' } })
      .run(() =>
        messaging
          .startSend({ system: 'nats', destination: 'views', count: sent.length, headers: sent })
          .end(),
      );
    expect(sent[0]).toMatchObject({ 'X-Trace-Id': 'order 7', traceparent: expect.any(String) });
    expect(sent[1]).toEqual({ 'x-trace-id': 'own', traceparent: expect.any(String) });
    expect((sent[2] as Map<string, string>).get('X-Trace-Id')).toBe('order 7');
    expect(sent[3]).toContainEqual({ 'X-Trace-Id': 'order 7' });
  });

  test('headers for clients that are not known carry both', () => {
    const headers: Record<string, string> = {};
    withSpan('publish', (span) => {
      messaging.injectHeaders(headers);
      expect(headers['X-Trace-Id']).toBe(span.spanContext().traceId);
    });
    expect(headers.traceparent).toContain(headers['X-Trace-Id']);
  });
});

test('a batch tells the age of its first message, unless its messages are processed one by one', async () => {
  const timestampMillis = Date.now() - 60_000;
  const batch = (destination: string, handle: () => void) => {
    const operation = messaging.startBatch({ system: 'kafka', destination, count: 2, timestampMillis });
    operation.run(handle);
    operation.end();
  };
  batch('looped', () => {});
  batch('one-by-one', () => {
    for (const _ of [1, 2]) {
      messaging.startProcess({ system: 'kafka', destination: 'one-by-one', timestampMillis }).end();
    }
  });
  const countOf = async (destination: string) =>
    (await captured.metrics())
      .split('\n')
      .find((line) => line.startsWith('messaging_message_age_seconds_count{') && line.includes(destination));
  expect(await countOf('looped')).toMatch(/ 1$/);
  expect(await countOf('one-by-one')).toMatch(/ 2$/);
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

test('a poll that the consumer cancels as it stops is no error; one that takes too long is', async () => {
  const received = { system: 'acme', destination: 'orders' };
  await withSpan('loop', () => {
    messaging.startReceive(received).end({ error: new DOMException('stopped', 'AbortError') });
    messaging.startReceive(received).end({ error: new DOMException('too long', 'TimeoutError') });
  });
  await spanNamed('loop');
  const polls = captured.spans.filter((span) => span.name === 'poll orders');
  expect(polls.map(({ attributes }) => attributes['error.type'])).toEqual(['TimeoutError']);
  expect(await captured.metrics()).not.toContain('error_type="AbortError"');
});
