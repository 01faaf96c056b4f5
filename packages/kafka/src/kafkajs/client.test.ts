import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logger, withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  captureObservability,
  testMessagingClient,
} from '@throughline/core/testing';
import * as kafkajs from 'kafkajs';
import {
  type Consumer,
  type EachMessagePayload,
  Kafka,
  type KafkaMessage,
  logLevel,
  Partitioners,
} from 'kafkajs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { brokers, hasBroker, signal, uniqueName } from '../../test/parts/kafka.js';
import { textHeaders } from '../../test/text-headers.js';
import { forEachMessage, kafkaPlugin } from '../index.js';

const client = (clientId = 'shop') =>
  new Kafka({ brokers, clientId, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });
const admin = hasBroker ? client().admin() : undefined;
await admin?.connect();

type ReadableSpan = CapturedObservability['spans'][number];

let captured: CapturedObservability;
const cleanUps: (() => Promise<unknown>)[] = [];
const start = (...plugin: Parameters<typeof kafkaPlugin>) => {
  captured = captureObservability({ plugins: [kafkaPlugin(...plugin)] });
};
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await captured?.stop();
});
afterAll(() => admin?.disconnect());

async function newTopic(partitions = 1): Promise<string> {
  const topic = uniqueName('topic');
  await admin?.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  return topic;
}

async function newProducer(options: kafkajs.ProducerConfig = {}) {
  const producer = client().producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    ...options,
  });
  await producer.connect();
  cleanUps.push(() => producer.disconnect());
  return producer;
}

async function newConsumer(topic: string | RegExp, groupId = uniqueName('group')): Promise<Consumer> {
  const consumer = client('views').consumer({
    groupId,
    maxWaitTimeInMs: 100,
    retry: { initialRetryTime: 20 },
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  cleanUps.push(() => consumer.disconnect());
  return consumer;
}

/** Consumes until so many messages have been handled. */
async function consume(
  topic: string | RegExp,
  count: number,
  handle: (payload: EachMessagePayload) => unknown = () => {},
  options: kafkajs.ConsumerRunConfig = {},
) {
  const groupId = uniqueName('group');
  const consumer = await newConsumer(topic, groupId);
  const payloads: EachMessagePayload[] = [];
  const done = signal();
  await consumer.run({
    ...options,
    async eachMessage(payload) {
      try {
        await handle(payload);
      } finally {
        payloads.push(payload);
        if (payloads.length === count) done.fire();
      }
    },
  });
  await done.fired;
  await consumer.stop();
  return { groupId, payloads };
}

const isChildOf = (span: ReadableSpan, parent: ReadableSpan) =>
  span.spanContext().traceId === parent.spanContext().traceId &&
  span.parentSpanContext?.spanId === parent.spanContext().spanId;
const spansNamed = async (name: string) => {
  await captured.observability.flush();
  return captured.spans.filter((span) => span.name === name);
};
const spanNamed = (name: string) => captured.waitForSpan((span) => span.name === name);
const text = (message: KafkaMessage) => String(message.value);

describe.skipIf(!hasBroker)('kafkajs', () => {
  testMessagingClient(test, {
    system: 'kafka',
    plugin: () => kafkaPlugin(),
    createDestination: newTopic,
    async connectProducer() {
      const options = { createPartitioner: Partitioners.DefaultPartitioner };
      const [producer, unconnected] = [client().producer(options), client().producer(options)];
      await producer.connect();
      return {
        send: (topic, { value, headers }) => producer.send({ topic, messages: [{ value, headers }] }),
        sendRefused: () => unconnected.send({ topic: 'refused', messages: [{ value: 'x' }] }),
        close: () => producer.disconnect(),
      };
    },
    async consume(topic, handler) {
      const group = uniqueName('group');
      const consumer = await newConsumer(topic, group);
      await consumer.run({
        eachMessage: ({ message }) =>
          handler({ value: text(message), headers: textHeaders(message.headers) }),
      });
      return { group, close: () => consumer.disconnect() };
    },
    sendAttributes: { 'messaging.client.id': 'shop', 'messaging.destination.partition.id': '0' },
    processAttributes: {
      'messaging.client.id': 'views',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
    },
    patched: () => [Kafka.prototype.producer, Kafka.prototype.consumer],
  });

  test('keys, server and log fields are those of the message', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer();
    await withSpan('read product', () =>
      producer.send({ topic, messages: [{ key: 'p-7', value: 'viewed' }] }),
    );
    const { groupId } = await consume(topic, 1, async () => {
      await withSpan('raise count', async () => logger.info('raised'));
    });

    const [root, send, process] = [
      await spanNamed('read product'),
      await spanNamed(`send ${topic}`),
      await spanNamed(`process ${topic}`),
    ];
    expect(isChildOf(send, root)).toBe(true);
    expect(isChildOf(process, send)).toBe(true);
    expect(isChildOf(await spanNamed('raise count'), process)).toBe(true);
    expect(send.kind).toBe(SpanKind.PRODUCER);
    expect(send.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.message.key': 'p-7',
      'messaging.client.id': 'shop',
      'server.address': expect.any(String),
    });
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
      'messaging.kafka.message.key': 'p-7',
      'messaging.consumer.group.name': groupId,
      'messaging.client.id': 'views',
    });
    expect(captured.logLines.find(({ message }) => message === 'raised')).toMatchObject({
      trace_id: root.spanContext().traceId,
      topic,
      partition: 0,
      offset: '0',
    });
  });

  test('what the service hands over stays untouched, and arrives as it sent it', async () => {
    start();
    const [first, second] = [await newTopic(), await newTopic()];
    const producer = await newProducer();
    const message = Object.freeze({
      key: Buffer.from([0, 255]),
      value: 'a',
      headers: Object.freeze({ source: 'shop', many: ['1', Buffer.from('2')] }),
    });
    const answer = await producer.sendBatch({
      topicMessages: [
        { topic: first, messages: [message, { key: 'gone', value: null }] },
        { topic: second, messages: [{ value: 'b' }] },
        { topic: first, messages: [{ value: 'c' }] },
      ],
    });
    expect(answer).toHaveLength(2);
    const { payloads } = await consume(first, 3);
    expect(payloads.map(({ message }) => message.value && String(message.value))).toEqual(['a', null, 'c']);
    expect(payloads[0]?.message.key).toEqual(Buffer.from([0, 255]));
    expect(payloads[0]?.message.headers).toMatchObject({
      source: Buffer.from('shop'),
      many: [Buffer.from('1'), Buffer.from('2')],
      traceparent: expect.any(Buffer),
    });
    const send = await spanNamed(`send ${first}`);
    expect(send.attributes['messaging.batch.message_count']).toBe(3);
    expect((await spanNamed(`send ${second}`)).attributes).not.toHaveProperty(
      'messaging.batch.message_count',
    );
    const processed = await spansNamed(`process ${first}`);
    expect(processed.every((span) => isChildOf(span, send))).toBe(true);
    expect(processed[0]?.attributes).not.toHaveProperty('messaging.kafka.message.key');
    expect(processed[1]?.attributes['messaging.kafka.message.tombstone']).toBe(true);
  });

  test('a message that a handler publishes again keeps its trace; the retry is a link', async () => {
    start();
    const [topic, deadLetters] = [await newTopic(), await newTopic()];
    const producer = await newProducer();
    await producer.send({ topic, messages: [{ value: 'bad' }] });
    await consume(topic, 1, ({ message }) => producer.send({ topic: deadLetters, messages: [message] }));
    await consume(deadLetters, 1);
    const first = await spanNamed(`send ${topic}`);
    const again = await spanNamed(`send ${deadLetters}`);
    expect(isChildOf(again, await spanNamed(`process ${topic}`))).toBe(true);
    expect(again.links.map((link) => link.context.spanId)).toEqual([first.spanContext().spanId]);
    expect(isChildOf(await spanNamed(`process ${deadLetters}`), first)).toBe(true);
  });

  test("with relation 'link' processing is a trace of its own", async () => {
    start({ relation: 'link' });
    const topic = await newTopic();
    const producer = await newProducer();
    await producer.send({ topic, messages: [{ value: 'x' }] });
    await withSpan('start of the service', () => consume(topic, 1));
    const [send, process] = [await spanNamed(`send ${topic}`), await spanNamed(`process ${topic}`)];
    expect(process.parentSpanContext).toBeUndefined();
    expect(process.spanContext().traceId).not.toBe(send.spanContext().traceId);
    expect(process.links.map((link) => link.context.spanId)).toEqual([send.spanContext().spanId]);
  });

  test('what a loop over a batch does lands in the span of the batch, which links to the producers', async () => {
    start();
    const [topic, next] = [await newTopic(), await newTopic()];
    const producer = await newProducer();
    for (const value of ['1', '2', '3']) await producer.send({ topic, messages: [{ value }] });
    const consumer = await newConsumer(topic);
    const done = signal();
    await consumer.run({
      async eachBatch({ batch }) {
        for (const message of batch.messages) await producer.send({ topic: next, messages: [message] });
        if (batch.messages.at(-1)?.offset === '2') done.fire();
      },
    });
    await done.fired;
    await consumer.stop();
    const batches = await spansNamed(`process_batch ${topic}`);
    expect(batches.flatMap((span) => span.links.map((link) => link.context.spanId)).sort()).toEqual(
      (await spansNamed(`send ${topic}`)).map((span) => span.spanContext().spanId).sort(),
    );
    expect(await spansNamed(`send ${next}`)).toHaveLength(3);
    expect(
      (await spansNamed(`send ${next}`)).every((send) => batches.some((batch) => isChildOf(send, batch))),
    ).toBe(true);
    const counts = batches.map((span) => Number(span.attributes['messaging.batch.message_count']));
    expect(counts.reduce((sum, count) => sum + count)).toBe(3);
    const age = (await captured.metrics())
      .split('\n')
      .find((line) => line.startsWith('messaging_message_age_seconds_count{') && line.includes(topic));
    expect(Number(age?.split(' ').at(-1))).toBe(batches.length);
  });

  test('forEachMessage gives every message of a batch its own context, and resolves its offset', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer();
    for (const value of ['1', '2', '3']) await producer.send({ topic, messages: [{ value }] });
    const groupId = uniqueName('group');
    const consumer = await newConsumer(topic, groupId);
    const handled: string[] = [];
    const done = signal();
    await consumer.run({
      eachBatchAutoResolve: false,
      async eachBatch(payload) {
        await forEachMessage(payload, async (message) => {
          withSpan(`handle ${text(message)}`, () => handled.push(text(message)));
        });
        await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
        if (handled.length === 3) done.fire();
      },
    });
    await done.fired;
    await consumer.stop();
    const sends = await spansNamed(`send ${topic}`);
    const processed = await spansNamed(`process ${topic}`);
    const batches = await spansNamed(`process_batch ${topic}`);
    expect(handled).toEqual(['1', '2', '3']);
    for (const [index, process] of processed.entries()) {
      expect(isChildOf(process, sends[index] as ReadableSpan)).toBe(true);
      expect(isChildOf(await spanNamed(`handle ${index + 1}`), process)).toBe(true);
      expect(batches.map((span) => span.spanContext().spanId)).toContain(process.links[0]?.context.spanId);
      expect(process.attributes).toMatchObject({
        'messaging.consumer.group.name': groupId,
        'messaging.client.id': 'views',
        'messaging.kafka.offset': index,
      });
    }
    const consumed = (await captured.metrics())
      .split('\n')
      .find((line) =>
        line.startsWith(
          `messaging_client_consumed_messages_total{messaging_system="kafka",messaging_destination_name="${topic}"`,
        ),
      );
    expect(consumed).toMatch(/\} 3( #|$)/);
    const offsets = await admin?.fetchOffsets({ groupId, topics: [topic] });
    expect(offsets?.[0]?.partitions[0]?.offset).toBe('3');
  });

  test('a transaction commits and aborts as before; its messages carry the trace', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer({
      transactionalId: uniqueName('tx'),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    const aborted = await producer.transaction();
    await aborted.send({ topic, messages: [{ value: 'aborted' }] });
    await aborted.abort();
    const committed = await producer.transaction();
    await committed.send({ topic, messages: [{ value: 'committed' }] });
    expect(committed.isActive()).toBe(true);
    await committed.commit();
    const { payloads } = await consume(topic, 1);
    expect(payloads.map(({ message }) => text(message))).toEqual(['committed']);
    expect(
      isChildOf(await spanNamed(`process ${topic}`), (await spansNamed(`send ${topic}`))[1] as ReadableSpan),
    ).toBe(true);
  });

  test('partitions that are consumed concurrently, by a regular expression, do not mix their contexts', async () => {
    start();
    const topic = await newTopic(4);
    const producer = await newProducer();
    for (let partition = 0; partition < 4; partition++) {
      await producer.send({ topic, messages: [{ partition, value: String(partition) }] });
    }
    let running = 0;
    const allRun = signal();
    const traceIds = new Map<number, string | undefined>();
    await consume(
      new RegExp(`^${topic}$`),
      4,
      async ({ partition }) => {
        if (++running === 4) allRun.fire();
        await allRun.fired;
        traceIds.set(partition, trace.getActiveSpan()?.spanContext().traceId);
      },
      { partitionsConsumedConcurrently: 4 },
    );
    for (const send of await spansNamed(`send ${topic}`)) {
      const partition = Number(send.attributes['messaging.destination.partition.id']);
      expect(traceIds.get(partition)).toBe(send.spanContext().traceId);
    }
    expect(traceIds.size).toBe(4);
  });

  test('a handler that fails is retried by kafkajs as before; every attempt is a span of the same trace', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer();
    await producer.send({ topic, messages: [{ value: 'x' }] });
    // kafkajs does not try again after errors of the language's own classes.
    class OutOfStock extends Error {
      override name = 'OutOfStock';
    }
    let attempts = 0;
    await consume(topic, 2, () => {
      if (++attempts === 1) throw new OutOfStock('first time');
    });
    const [failed, passed] = await spansNamed(`process ${topic}`);
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'first time' });
    expect(failed?.attributes['error.type']).toBe('OutOfStock');
    expect(passed?.status.code).toBe(SpanStatusCode.UNSET);
    expect(passed?.spanContext().traceId).toBe(failed?.spanContext().traceId);
    expect(await captured.metrics()).toMatch(
      /messaging_process_duration_seconds_count\{[^}]*error_type="OutOfStock"/,
    );
  });

  test('a handler that hangs holds up neither other partitions nor our own shutdown', async () => {
    start();
    const topic = await newTopic(2);
    const producer = await newProducer();
    for (const partition of [0, 1]) await producer.send({ topic, messages: [{ partition, value: 'x' }] });
    const consumer = await newConsumer(topic);
    const [hanging, other, release] = [signal(), signal(), signal()];
    await consumer.run({
      partitionsConsumedConcurrently: 2,
      async eachMessage({ partition }) {
        if (partition === 1) return other.fire();
        hanging.fire();
        await release.fired;
      },
    });
    await Promise.all([hanging.fired, other.fired]);
    const ended = await spansNamed(`process ${topic}`);
    expect(ended.map((span) => span.attributes['messaging.destination.partition.id'])).toEqual(['1']);
    await captured.stop();
    release.fire();
    await consumer.stop();
  });

  test('a send that fails rejects with the same error as without us', async () => {
    const producer = client().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    const refusals = [
      { topic: 'x', messages: [{ value: 'x' }] },
      { topic: '', messages: [{ value: 'x' }] },
      { topic: 'x', messages: [{ key: 'no value' }] },
      { topic: 'x' },
    ] as kafkajs.ProducerRecord[];
    const errorsOf = (sender: kafkajs.Producer) =>
      Promise.all(
        refusals.map((record) => sender.send(record).catch(({ name, message }) => ({ name, message }))),
      );
    const expected = await errorsOf(producer);
    start();
    const observed = client().producer({ createPartitioner: Partitioners.DefaultPartitioner });
    expect(await errorsOf(observed)).toEqual(expected);
    const failed = await spanNamed('send x');
    expect(failed.attributes['error.type']).toBe('KafkaJSError');
    expect(await captured.metrics()).toMatch(
      /messaging_client_sent_messages_total\{[^}]*error_type="KafkaJSError"/,
    );
  });

  test('producers, transactions and running consumers that were made before are observed from init on', async () => {
    const topic = await newTopic();
    const producer = await newProducer({ transactionalId: uniqueName('tx'), idempotent: true });
    const transaction = await producer.transaction();
    const groupId = uniqueName('group');
    const consumer = await newConsumer(topic, groupId);
    const handled = new Map(
      ['before', 'after', 'shut down'].map((value) => [value, signal<EachMessagePayload>()]),
    );
    await consumer.run({ eachMessage: async (payload) => handled.get(text(payload.message))?.fire(payload) });
    const plain = await newProducer();
    await plain.send({ topic, messages: [{ value: 'before' }] });
    await handled.get('before')?.fired;

    start();
    await transaction.sendBatch({ topicMessages: [{ topic, messages: [{ key: 'k', value: 'after' }] }] });
    await transaction.commit();
    await handled.get('after')?.fired;
    const process = await spanNamed(`process ${topic}`);
    expect(process.attributes).toMatchObject({
      'messaging.consumer.group.name': groupId,
      'messaging.client.id': 'views',
    });
    const send = await spanNamed(`send ${topic}`);
    expect(isChildOf(process, send)).toBe(true);
    expect(send.attributes).toMatchObject({
      'messaging.client.id': 'shop',
      'messaging.kafka.message.key': 'k',
      'messaging.destination.partition.id': '0',
    });

    await captured.stop();
    await plain.send({ topic, messages: [{ value: 'shut down' }] });
    const last = await handled.get('shut down')?.fired;
    expect(last?.message.headers).toEqual({});
  });

  test('headers that nobody could expect do no harm', async () => {
    const topic = await newTopic();
    const producer = await newProducer();
    const headers: kafkajs.IHeaders[] = [
      { traceparent: 'nonsense' },
      { traceparent: Buffer.from([0xff, 0xfe, 0x00]) },
      { traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'second'] },
      { traceparent: '', tracestate: '', baggage: Buffer.from([0xff]) },
      { traceparent: Buffer.alloc(900_000, 'a'), baggage: 'x'.repeat(20_000) },
      { toString: 'x', ['__proto__']: 'y' },
      {},
    ];
    await producer.send({ topic, messages: headers.map((one) => ({ value: 'x', headers: one })) });
    start();
    const { payloads } = await consume(topic, headers.length);
    expect(payloads.map(({ message }) => message.offset)).toEqual(headers.map((_, index) => String(index)));
    const parents = (await spansNamed(`process ${topic}`)).map((span) => span.parentSpanContext?.spanId);
    expect(parents).toEqual([
      undefined,
      undefined,
      'b7ad6b7169203331',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(
      new Set((await spansNamed(`process ${topic}`)).map((span) => span.spanContext().traceId)).size,
    ).toBe(7);

    await producer.send({ topic, messages: headers.map((one) => ({ value: 'x', headers: one })) });
    const again = await consume(topic, 2 * headers.length);
    expect(again.payloads).toHaveLength(14);
  });

  test('lag and rebalances of a group are shown, and forgotten when the consumer stops', async () => {
    start();
    const topic = await newTopic(2);
    const producer = await newProducer();
    const send = (partition: number) => producer.send({ topic, messages: [{ partition, value: 'x' }] });
    await send(0);
    const groupId = uniqueName('group');
    const options = { groupId, heartbeatInterval: 50, maxWaitTimeInMs: 50 };
    const consumer = client().consumer(options);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const processed = signal();
    consumer.on(consumer.events.END_BATCH_PROCESS, () => processed.fire());
    const rebalancing = signal();
    consumer.on(consumer.events.REBALANCING, () => rebalancing.fire());
    await consumer.run({ eachMessage: async () => {} });
    await processed.fired;
    const lag = `messaging_consumer_lag_messages{messaging_system="kafka",messaging_destination_name="${topic}",messaging_consumer_group_name="${groupId}",messaging_destination_partition_id="0"`;
    expect((await captured.metrics()).split('\n').find((line) => line.startsWith(lag))).toMatch(/\} 0( #|$)/);

    const second = client().consumer(options);
    await second.connect();
    await second.subscribe({ topic });
    await second.run({ eachMessage: async () => {} });
    await rebalancing.fired;
    expect(await captured.metrics()).toMatch(
      new RegExp(
        `messaging_client_rebalances_total\\{messaging_system="kafka",messaging_consumer_group_name="${groupId}"[^}]*\\} 1`,
      ),
    );
    await Promise.all([consumer.disconnect(), second.disconnect()]);
    expect(await captured.metrics()).not.toContain(lag);
  });

  test('long processing with heartbeats, pause and resume go on as before, and end their spans', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer();
    await producer.send({ topic, messages: [{ value: '1' }, { value: '2' }] });
    const seen: string[] = [];
    const consumer = await newConsumer(topic);
    const [paused, done] = [signal<() => void>(), signal()];
    await consumer.run({
      async eachMessage({ message, heartbeat, pause }) {
        await heartbeat();
        seen.push(text(message));
        if (seen.length === 1) paused.fire(pause());
        else done.fire();
      },
    });
    const resume = await paused.fired;
    expect(consumer.paused()).toEqual([{ topic, partitions: [0] }]);
    resume();
    await done.fired;
    await consumer.stop();
    expect(seen).toEqual(['1', '2']);
    expect(await spansNamed(`process ${topic}`)).toHaveLength(2);
  });

  test('a consumer that is stopped in a batch leaves the rest to the next one, and its spans end', async () => {
    start();
    const topic = await newTopic();
    const producer = await newProducer();
    await producer.send({
      topic,
      messages: Array.from({ length: 5 }, (_, index) => ({ value: `${index}` })),
    });
    const groupId = uniqueName('group');
    const handled: string[] = [];
    const consumeUntil = async (count: number) => {
      const consumer = await newConsumer(topic, groupId);
      const stopped = signal();
      await consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload) =>
          forEachMessage(payload, (message) => {
            handled.push(text(message));
            if (handled.length === count) consumer.stop().then(() => stopped.fire(), stopped.fail);
          }),
      });
      await stopped.fired;
    };
    await consumeUntil(2);
    await consumeUntil(5);
    expect(handled).toEqual(['0', '1', '2', '3', '4']);
    expect(await spansNamed(`process ${topic}`)).toHaveLength(5);
    expect(await spansNamed(`process_batch ${topic}`)).toHaveLength(2);
  });

  test('the module may be handed over, for bundled services', async () => {
    start({ modules: { kafkajs } });
    const topic = await newTopic();
    const producer = await newProducer();
    await producer.send({ topic, messages: [{ value: 'x' }] });
    await consume(topic, 1);
    expect(isChildOf(await spanNamed(`process ${topic}`), await spanNamed(`send ${topic}`))).toBe(true);
    expect(await spansNamed(`send ${topic}`)).toHaveLength(1);
  });
});
