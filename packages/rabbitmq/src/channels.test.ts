import { SpanStatusCode, trace } from '@opentelemetry/api';
import { logger, withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { idOf, spansNamed as spansOf, traceIdOf } from '@throughline/testbed/captured-spans';
import type { Channel, ConsumeMessage, Options } from 'amqplib';
import { build } from 'esbuild';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Amqplib,
  closeAll,
  connect,
  hasBroker,
  load,
  loadCallbackApi,
  newQueue,
  requireMadeUp,
  signal,
  uniqueName,
  url,
} from '../test/parts/rabbitmq.js';
import { type RabbitmqPluginOptions, rabbitmqPlugin, runWithMessage } from './index.js';

let captured: CapturedObservability;
const start = (options?: RabbitmqPluginOptions) => {
  captured = captureObservability({ plugins: [rabbitmqPlugin(options)] });
};
afterEach(async () => {
  await closeAll();
  await captured?.stop();
});

const spansNamed = (name: string, count = 1) => spansOf(captured, name, count);
const spanNamed = async (name: string) => (await spansNamed(name))[0];
const errorTypes = async (name: string, count: number) =>
  (await spansNamed(name, count)).map(({ attributes }) => attributes['error.type']);
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Consumes until so many messages have come; the handler may answer later. */
async function consume(
  channel: Channel,
  queue: string,
  count: number,
  handle: (message: ConsumeMessage) => unknown = (message) => channel.ack(message),
  options: Options.Consume = {},
): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  const done = signal();
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      messages.push(message);
      if (messages.length === count) done.fire();
      return handle(message);
    },
    options,
  );
  await done.fired;
  return messages;
}

async function open(amqplib?: Amqplib) {
  const connection = await connect(amqplib);
  const channel = await connection.createChannel();
  return { connection, channel, queue: await newQueue(channel) };
}

describe.skipIf(!hasBroker)('channels', () => {
  test('exchange, routing key and queue are in the names, without the ids that keys contain', async () => {
    start();
    const { channel, queue } = await open();
    const exchange = uniqueName('exchange');
    await channel.assertExchange(exchange, 'topic', { autoDelete: true });
    await channel.bindQueue(queue, exchange, 'order.#');
    const id = '0af76519-16cd-43dd-8448-eb211c80319c';
    const options = { messageId: 'm-1', correlationId: 'c-1' };
    channel.publish(exchange, `order.4711.${id}.created`, Buffer.from('{}'), options);
    await consume(channel, queue, 1, (message) => {
      logger.info('handled');
      channel.ack(message);
    });
    const send = await spanNamed(`send ${exchange}:order.*.*.created`);
    const process = await spanNamed(`process ${exchange}:order.*.*.created:${queue}`);
    expect(process?.parentSpanContext?.spanId).toBe(idOf(send));
    for (const span of [send, process]) {
      expect(span?.attributes).toMatchObject({
        'messaging.rabbitmq.destination.routing_key': `order.4711.${id}.created`,
        'messaging.message.id': 'm-1',
        'messaging.message.conversation_id': 'c-1',
        'messaging.message.body.size': 2,
        'server.address': new URL(url).hostname,
      });
    }
    expect(captured.logLines.find(({ message }) => message === 'handled')).toMatchObject({
      queue,
      exchange,
      routing_key: `order.4711.${id}.created`,
      span_id: idOf(process),
    });
  });

  test('a service may name its destinations itself', async () => {
    start({
      destinationName({ exchange, queue }) {
        if (exchange === 'amq.topic') throw new Error('no name');
        return queue ?? (exchange || 'work');
      },
    });
    const { channel, queue } = await open();
    await channel.bindQueue(queue, 'amq.topic', queue);
    channel.sendToQueue(queue, Buffer.from('1'));
    channel.publish('amq.topic', queue, Buffer.from('2'));
    await consume(channel, queue, 2);
    await spanNamed('send work');
    await spanNamed(`process ${queue}`);
    await spanNamed(`send amq.topic:${queue}`);
  });

  test('a message is processed until its handler has ended and the broker has been told', async () => {
    start();
    const { channel, queue } = await open();
    for (const value of '123456') channel.sendToQueue(queue, Buffer.from(value));
    const name = `process ${queue}`;
    const [first, second, third, fourth, fifth, sixth] = await consume(channel, queue, 6, () => {});
    // None has ended: the handler returned, and the broker waits.
    await captured.observability.flush();
    expect(captured.spans.filter((span) => span.name === name)).toEqual([]);
    channel.ack(third as ConsumeMessage);
    expect(await errorTypes(name, 1)).toEqual([undefined]);
    channel.nack(second as ConsumeMessage, true, false);
    expect(await errorTypes(name, 3)).toEqual([undefined, 'nack', 'nack']);
    expect(first?.fields.deliveryTag).toBe(1);
    channel.reject(fourth as ConsumeMessage, false);
    expect((await errorTypes(name, 4)).at(-1)).toBe('reject');
    channel.ackAll();
    expect((await errorTypes(name, 6)).slice(-2)).toEqual([undefined, undefined]);
    expect([fifth, sixth].map((message) => String(message?.content))).toEqual(['5', '6']);
    expect(await captured.metrics()).toMatch(
      /messaging_process_duration_seconds_count\{[^}]*error_type="nack"[^}]*\} 2/,
    );

    captured.reset();
    channel.sendToQueue(queue, Buffer.from('7'));
    const work = signal();
    const other = await newQueue(channel);
    channel.sendToQueue(other, Buffer.from('8'));
    await consume(channel, other, 1, async (message) => {
      channel.ack(message);
      await work.fired;
      await withSpan('work', async () => {});
    });
    work.fire();
    const processed = await spanNamed(`process ${other}`);
    expect((await spanNamed('work'))?.parentSpanContext?.spanId).toBe(idOf(processed));
  });

  test('a message that goes back to its queue is processed again in the same trace', async () => {
    start();
    const { channel, queue } = await open();
    channel.sendToQueue(queue, Buffer.from('1'));
    let attempts = 0;
    await consume(channel, queue, 2, (message) =>
      ++attempts === 1 ? channel.nack(message) : channel.ack(message),
    );
    const spans = await spansNamed(`process ${queue}`, 2);
    expect(new Set(spans.map(traceIdOf))).toEqual(new Set([traceIdOf(await spanNamed(`send ${queue}`))]));
    expect(spans.map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR, message: 'the message was nacked, and goes back to the queue' },
      { code: SpanStatusCode.UNSET },
    ]);
  });

  test('without acknowledgements, a message is processed until its handler has ended', async () => {
    start();
    const { channel, queue } = await open();
    channel.sendToQueue(queue, Buffer.from('1'));
    await consume(channel, queue, 1, () => {}, { noAck: true });
    expect((await spanNamed(`process ${queue}`))?.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('when a channel closes, its messages in flight end with an error and are counted', async () => {
    start();
    const { connection, channel, queue } = await open();
    for (const value of '12') channel.sendToQueue(queue, Buffer.from(value));
    const consumer = await connection.createChannel();
    await consume(consumer, queue, 2, () => {});
    await consumer.close();
    expect(await errorTypes(`process ${queue}`, 2)).toEqual(['channel_closed', 'channel_closed']);
    expect(await captured.metrics()).toMatch(
      /messaging_process_duration_seconds_count\{[^}]*error_type="channel_closed"[^}]*\} 2/,
    );
  });

  test('a message in flight ends when the plugin is switched off, and its channel has no listener of ours', async () => {
    start();
    const { channel, queue } = await open();
    const listeners = channel.listenerCount('close');
    channel.sendToQueue(queue, Buffer.from('1'));
    const [message] = await consume(channel, queue, 1, () => {});
    captured.observability.setPluginEnabled('rabbitmq', false);
    await spanNamed(`process ${queue}`);
    expect(channel.listenerCount('close')).toBe(listeners);
    channel.ack(message as ConsumeMessage);
  });

  test('of the messages that nobody acknowledges, so many are kept and no more', async () => {
    start();
    const { channel, queue } = await open();
    for (let n = 0; n < 1_003; n++) channel.sendToQueue(queue, Buffer.from('x'));
    await consume(channel, queue, 1_003, () => {});
    await spansNamed(`process ${queue}`, 3);
    channel.ackAll();
    await spansNamed(`process ${queue}`, 1_003);
  });

  test('`get` is a poll that links to the producer, and `runWithMessage` continues its trace', async () => {
    start();
    const { channel, queue } = await open();
    const handle = (message: object) =>
      runWithMessage(message, async () => trace.getActiveSpan()?.spanContext().traceId);
    expect(await channel.get(queue)).toBe(false);
    channel.sendToQueue(queue, Buffer.from('1'));
    const traceId = await withSpan('loop', async () => {
      const message = await vitestGet(channel, queue);
      return handle(message);
    });
    const send = await spanNamed(`send ${queue}`);
    expect(traceId).toBe(traceIdOf(send));
    const polls = await spansNamed(`poll ${queue}`);
    expect(polls[0]?.links.map(({ context }) => context.spanId)).toEqual([idOf(send)]);
    expect((await spanNamed(`process ${queue}`))?.parentSpanContext?.spanId).toBe(idOf(send));
    expect(await captured.metrics()).toMatch(
      new RegExp(`messaging_client_consumed_messages_total\\{[^}]*name="${queue}"[^}]*\\} 1`),
    );
    // What did not come from `get` is simply handled.
    expect(await handle({})).toBeUndefined();
  });

  test('`get` with a callback', async () => {
    start();
    const { channel, queue } = await open();
    channel.sendToQueue(queue, Buffer.from('1'));
    const got = signal<string>();
    loadCallbackApi('amqplib').connect(url, (_error, connection) => {
      connection.createChannel((_failed, own) => {
        const other = uniqueName('other');
        own.assertQueue(other, { exclusive: true }, () => {
          own.sendToQueue(other, Buffer.from('2'));
          own.get(other, {}, (error, message) => {
            if (error || !message) return got.fail(error);
            const value = runWithMessage(message, ({ content }) => String(content));
            own.ack(message);
            connection.close(() => got.fire(`${other} ${value}`));
          });
        });
      });
    });
    const [other, value] = (await got.fired).split(' ');
    expect(value).toBe('2');
    expect((await spanNamed(`process ${other}`))?.parentSpanContext?.spanId).toBe(
      idOf(await spanNamed(`send ${other}`)),
    );
  });

  test('a request and its direct reply are one trace, under names that are bounded', async () => {
    start();
    const { channel, queue } = await open();
    await channel.consume(
      queue,
      (message) => {
        if (!message) return;
        const { replyTo, correlationId } = message.properties;
        channel.sendToQueue(replyTo, Buffer.from('pong'), { correlationId });
      },
      { noAck: true },
    );
    const requester = await (await connect()).createChannel();
    const replied = signal<string>();
    await requester.consume('amq.rabbitmq.reply-to', (message) => replied.fire(String(message?.content)), {
      noAck: true,
    });
    await withSpan('call', async () => {
      requester.sendToQueue(queue, Buffer.from('ping'), {
        replyTo: 'amq.rabbitmq.reply-to',
        correlationId: '7',
      });
      expect(await replied.fired).toBe('pong');
    });
    const names = [
      `send ${queue}`,
      `process ${queue}`,
      'send amq.rabbitmq.reply-to',
      'process amq.rabbitmq.reply-to',
    ];
    const spans = await Promise.all(['call', ...names].map(spanNamed));
    for (const [n, span] of spans.entries()) {
      if (n > 0) expect(span?.parentSpanContext?.spanId).toBe(idOf(spans[n - 1]));
    }
    expect(spans[4]?.attributes['messaging.destination.temporary']).toBe(true);
  });

  test('headers that nobody could expect do no harm', async () => {
    const { channel, queue } = await open();
    const headers: Record<string, unknown>[] = [
      { traceparent: 'nonsense' },
      { traceparent: Buffer.from([0xff, 0xfe, 0x00]) },
      { traceparent: [traceparent, 'second'] },
      { traceparent: { deep: { deeper: [1, null, {}] } } },
      { traceparent: 7, tracestate: true, baggage: { '!': 'timestamp', value: 1 } },
      { traceparent: 'x'.repeat(20_000), timestamp_in_ms: 'yesterday' },
      { toString: 'x', ['__proto__']: 'y', timestamp_in_ms: Number.MAX_SAFE_INTEGER },
      JSON.parse(`{"__proto__":{"traceparent":"${traceparent}"}}`),
    ];
    const send = () => {
      for (const one of headers) channel.sendToQueue(queue, Buffer.from('x'), { headers: one });
    };
    send();
    // Without headers at all, as other clients send them.
    const inner = channel as unknown as { sendMessage(...args: unknown[]): void };
    const fields = { exchange: '', routingKey: queue, mandatory: false, immediate: false, ticket: 0 };
    inner.sendMessage(fields, {}, Buffer.from('x'));
    start();
    const messages = await consume(channel, queue, headers.length + 1);
    expect(messages.at(-1)?.properties.headers).toBeUndefined();
    const parents = (await spansNamed(`process ${queue}`, headers.length + 1)).map(
      (span) => span.parentSpanContext?.spanId,
    );
    expect(parents).toEqual([
      ...[undefined, undefined, 'b7ad6b7169203331', undefined, undefined, undefined, undefined, undefined],
      undefined,
    ]);
    // The same through a producer that is observed: what the service sends arrives as it sent it.
    const received: Record<string, unknown>[] = [];
    const again = await newQueue(channel);
    for (const one of headers) channel.sendToQueue(again, Buffer.from('x'), { headers: one });
    await consume(channel, again, headers.length, (message) => {
      received.push(message.properties.headers as Record<string, unknown>);
      channel.ack(message);
    });
    for (const [n, one] of headers.entries()) {
      const unchanged = Object.fromEntries(Object.keys(one).map((name) => [name, received[n]?.[name]]));
      const expected = Object.fromEntries(
        Object.keys(one).map((name) => [name, messages[n]?.properties.headers?.[name]]),
      );
      expect(unchanged).toEqual(expected);
    }
  });

  test('headers that fill what amqplib has room for stay as they are', async () => {
    start();
    const { channel, queue } = await open();
    const headers = { large: Buffer.alloc(64_900, 'x'), traceparent: 'own' };
    channel.sendToQueue(queue, Buffer.from('1'), { headers });
    const [message] = await consume(channel, queue, 1);
    expect(message?.properties.headers).toEqual({ large: expect.any(Buffer), traceparent: 'own' });
    await spanNamed(`send ${queue}`);
  });

  test.each([
    ['seconds, as AMQP says', { timestamp: Math.floor(Date.now() / 1_000) - 3_600 }, 'own'],
    ['milliseconds, as services set it', { timestamp: Date.now() - 3_600_000 }, 'own'],
    ["the broker's header", { headers: { timestamp_in_ms: Date.now() - 3_600_000 } }, 'own'],
    ['nothing, so that the producer adds a header', {}, 'ours'],
  ])('the age of a message comes from %s', async (_, options: Options.Publish, from) => {
    const { channel, queue } = await open();
    if (from === 'own') channel.sendToQueue(queue, Buffer.from('1'), options);
    start();
    if (from === 'ours') channel.sendToQueue(queue, Buffer.from('1'), options);
    await consume(channel, queue, 1);
    await spanNamed(`process ${queue}`);
    const metrics = await captured.metrics();
    expect(metrics).toMatch(/messaging_message_age_seconds_count\{[^}]*\} 1/);
    const seconds = Number(/messaging_message_age_seconds_sum\{[^}]*\} ([\d.e-]+)/.exec(metrics)?.[1]);
    if (from === 'own') expect(seconds).toBeGreaterThanOrEqual(3_600);
    else expect(seconds).toBeLessThan(1_800);
  });

  test('a confirmed message is sent until the broker has confirmed or refused it', async () => {
    start();
    const { connection } = await open();
    const channel = await connection.createConfirmChannel();
    const full = uniqueName('full');
    await channel.assertQueue(full, {
      exclusive: true,
      maxLength: 1,
      arguments: { 'x-overflow': 'reject-publish' },
    });
    const publish = (exchange: string, key: string) =>
      new Promise((resolve) => channel.publish(exchange, key, Buffer.from('1'), {}, resolve));
    expect(await publish('', full)).toBeNull();
    expect(String(await publish('', full))).toBe('Error: message nacked');
    expect(await errorTypes(`send ${full}`, 2)).toEqual([undefined, 'Error']);
    channel.on('error', () => {});
    expect(String(await publish('no-such-exchange', 'key'))).toBe('Error: channel closed');
    await spanNamed('send no-such-exchange:key');
    expect(() => channel.sendToQueue(full, Buffer.from('1'))).toThrow('Channel closed');
    expect((await errorTypes(`send ${full}`, 3)).at(-1)).toBe('IllegalOperationError');
    expect(await captured.metrics()).toMatch(
      /messaging_client_sent_messages_total\{[^}]*error_type="IllegalOperationError"[^}]*\} 1/,
    );
  });

  test.each(['amqplib', 'amqplib-1', 'amqplib-0.10'])(
    '%s: waiting for confirms ends as it does without the plugin',
    async (version) => {
      const outcome = async (withCallback: boolean) => {
        const channel = await (await connect(load(version))).createConfirmChannel();
        channel.on('error', () => {});
        const closed = new Promise((resolve) => channel.once('close', resolve));
        if (withCallback) channel.publish('no-such-exchange', 'key', Buffer.from('1'), {}, () => {});
        channel.publish('no-such-exchange', 'key', Buffer.from('1'));
        await closed;
        return channel.waitForConfirms().then(() => 'confirmed', String);
      };
      const expected = [await outcome(false), await outcome(true)];
      start();
      expect([await outcome(false), await outcome(true)]).toEqual(expected);
    },
  );

  test('channels and running consumers that were made before are observed from init on', async () => {
    const { channel, queue } = await open();
    const seen = [signal(), signal()];
    let count = 0;
    await channel.consume(queue, (message) => {
      if (message) channel.ack(message);
      seen[count++]?.fire();
    });
    channel.sendToQueue(queue, Buffer.from('1'));
    await seen[0]?.fired;
    start();
    channel.sendToQueue(queue, Buffer.from('2'));
    await seen[1]?.fired;
    const processed = await spanNamed(`process ${queue}`);
    expect(processed?.parentSpanContext?.spanId).toBe(idOf(await spanNamed(`send ${queue}`)));
  });

  test('a consumer whose queue is deleted hears of it, and amqplib refuses what it refused before', async () => {
    const facts = async () => {
      const { connection, channel, queue } = await open();
      const cancelled = signal<unknown>();
      await channel.consume(queue, (message) => cancelled.fire(message));
      await channel.deleteQueue(queue);
      // A channel each: after some of these, amqplib waits for an answer that does not come.
      const calls: ((channel: Channel) => unknown)[] = [
        (own) => own.publish(7 as never, 'key', Buffer.from('1')),
        (own) => own.publish('', 'key', 'text' as never),
        (own) => own.publish('', 'key', Buffer.from('1'), { headers: 'text' as never }),
        (own) => own.consume(7 as never, () => {}),
        (own) => own.ack({} as never),
        (own) => own.nack(undefined as never),
        (own) => own.reject(null as never),
        (own) => own.get('no-such-queue'),
      ];
      return [
        await cancelled.fired,
        ...(await Promise.all(
          calls.map(async (call) => {
            const own = await connection.createChannel();
            own.on('error', () => {});
            try {
              await call(own);
              return 'accepted';
            } catch (error) {
              return String(error);
            }
          }),
        )),
      ];
    };
    const expected = await facts();
    start();
    expect(await facts()).toEqual(expected);
    expect(expected).toEqual([null, ...Array(8).fill(expect.stringMatching(/Error: /))]);
  });

  test('with `link`, a message starts a trace of its own', async () => {
    start({ relation: 'link' });
    const { channel, queue } = await open();
    channel.sendToQueue(queue, Buffer.from('1'));
    await consume(channel, queue, 1);
    const [send, process] = [await spanNamed(`send ${queue}`), await spanNamed(`process ${queue}`)];
    expect(traceIdOf(process)).not.toBe(traceIdOf(send));
    expect(process?.links[0]?.context.spanId).toBe(idOf(send));
  });

  test('in a bundle the module is handed over: channels of new connections are observed, those of recovery too', async () => {
    const bundled = await bundleOfAmqplib();
    start({ modules: { amqplib: bundled } });
    const { channel, queue } = await open(bundled);
    channel.sendToQueue(queue, Buffer.from('1'));
    await consume(channel, queue, 1);
    const confirming = await (await connect(bundled)).createConfirmChannel();
    await new Promise((resolve) => confirming.sendToQueue(queue, Buffer.from('2'), {}, resolve));
    await spansNamed(`process ${queue}`, 2);
    await spansNamed(`send ${queue}`, 2);
    await captured.stop();

    const other = await bundleOfAmqplib();
    start({ modules: { amqplib: other } });
    const name = uniqueName('queue');
    const recovering = await other.connect(url, {
      recovery: {
        async setup(connection: Awaited<ReturnType<typeof connect>>) {
          const own = await connection.createChannel();
          await own.assertQueue(name, { exclusive: true });
          own.sendToQueue(name, Buffer.from('1'));
        },
      },
    } as never);
    await spanNamed(`send ${name}`);
    await recovering.close();
  });
});

test('a newer version stays as it is, and one line says so', async () => {
  const loaded = requireMadeUp('amqplib', '99.0.0', {
    'index.js': "require('./lib/channel_model.js'); require('./lib/callback_model.js');",
    'lib/channel_model.js': 'exports.Channel = class Channel { publish() {} };',
    'lib/callback_model.js': 'exports.Channel = class Channel { publish() {} };',
  });
  captured = captureObservability({ plugins: [rabbitmqPlugin()] });
  await captured.observability.ready;
  const unsupported = captured.logLines.filter(({ code }) => code === 'OBS_LIBRARY_UNSUPPORTED');
  expect(unsupported.map(({ message }) => message)).toEqual([expect.stringContaining('amqplib 99.0.0')]);
  for (const made of loaded) expect(Object.getOwnPropertySymbols(made.prototype)).toEqual([]);
});

test('a module that is something else stays as it is, and one line says so', async () => {
  captured = captureObservability({ plugins: [rabbitmqPlugin({ modules: { amqplib: { open() {} } } })] });
  expect(captured.logLines.filter(({ code }) => code === 'OBS_INSTRUMENTATION_FAILED')).toHaveLength(1);
});

/** The message may not be in the queue yet. */
async function vitestGet(channel: Channel, queue: string): Promise<object> {
  for (;;) {
    const message = await channel.get(queue);
    if (message) return message;
  }
}

async function bundleOfAmqplib(): Promise<Amqplib> {
  const { outputFiles } = await build({
    stdin: { contents: "module.exports = require('amqplib')", resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'error',
  });
  const module = { exports: {} };
  new Function('module', 'require', outputFiles[0]?.text ?? '')(
    module,
    process.getBuiltinModule('node:module').createRequire(import.meta.url),
  );
  return module.exports as Amqplib;
}
