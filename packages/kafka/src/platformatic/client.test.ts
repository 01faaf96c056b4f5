import { hasSubscribers } from 'node:diagnostics_channel';
import {
  Admin,
  Consumer,
  type MessagesStream,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { logger, withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  captureObservability,
  testMessagingClient,
} from '@throughline/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokers, hasBroker, uniqueName } from '../../test/parts/kafka.js';
import { textHeaders } from '../../test/text-headers.js';
import { forEachMessage, kafkaPlugin, runWithMessage } from '../index.js';

type ReadableSpan = CapturedObservability['spans'][number];

let captured: CapturedObservability;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await captured?.stop();
});

async function newTopic(): Promise<string> {
  const topic = uniqueName('topic');
  const admin = new Admin({ clientId: 'admin', bootstrapBrokers: brokers });
  await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
  await admin.close();
  return topic;
}

const spanNamed = (name: string) => captured.waitForSpan((span) => span.name === name);
const isChildOf = (span: ReadableSpan, parent: ReadableSpan) =>
  span.parentSpanContext?.spanId === parent.spanContext().spanId;

async function openStream(topic: string, groupId: string, autocommit = true) {
  const consumer = new Consumer({
    groupId,
    clientId: 'views',
    bootstrapBrokers: brokers,
    deserializers: stringDeserializers,
    maxWaitTime: 100,
  });
  const stream: MessagesStream<string, string, string, string> = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit,
  });
  return { consumer, stream };
}

async function newStream(topic: string, groupId: string, autocommit = true) {
  const { consumer, stream } = await openStream(topic, groupId, autocommit);
  cleanUps.push(async () => {
    await stream.close();
    await consumer.close(true);
  });
  return stream;
}

describe.skipIf(!hasBroker)('@platformatic/kafka', () => {
  testMessagingClient(test, {
    system: 'kafka',
    plugin: () => kafkaPlugin(),
    createDestination: newTopic,
    async connectProducer() {
      const producer = new Producer({
        clientId: 'shop',
        bootstrapBrokers: brokers,
        serializers: stringSerializers,
      });
      return {
        send: (topic, { value, headers }) => producer.send({ messages: [{ topic, value, headers }] }),
        sendRefused: () =>
          producer.send({ messages: [{ topic: 'not a topic!', value: 'x' }], autocreateTopics: false }),
        close: () => producer.close(),
      };
    },
    async consume(topic, handler) {
      const group = uniqueName('group');
      const { consumer, stream } = await openStream(topic, group);
      const consuming = (async () => {
        for await (const message of stream) {
          await runWithMessage(message, ({ value, headers }) =>
            handler({ value, headers: textHeaders(headers) }),
          ).catch(() => {});
        }
      })();
      return {
        group,
        async close() {
          await stream.close();
          await consuming;
          await consumer.close(true);
        },
      };
    },
    sendAttributes: { 'messaging.client.id': 'shop' },
    processAttributes: { 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': 0 },
    patched: () => [
      hasSubscribers('tracing:plt:kafka:producer:sends:start'),
      hasSubscribers('tracing:plt:kafka:consumer:receives:asyncStart'),
    ],
  });

  describe('beyond the suite', () => {
    beforeEach(() => {
      captured = captureObservability({ plugins: [kafkaPlugin()] });
    });
    test('a message is one trace from send to processing, and the options of the service stay its own', async () => {
      const topic = await newTopic();
      const producer = new Producer({
        clientId: 'shop',
        bootstrapBrokers: brokers,
        serializers: stringSerializers,
      });
      cleanUps.push(() => producer.close());
      const messages = [{ topic, key: 'p-7', value: 'viewed', headers: { source: 'shop' } }];
      const options = { messages };
      await withSpan('read product', () => producer.send(options));
      await producer.send(options);
      expect(options.messages).toBe(messages);
      expect(messages[0]?.headers).toEqual({ source: 'shop' });

      const groupId = uniqueName('group');
      const stream = await newStream(topic, groupId);
      let handled = 0;
      for await (const message of stream) {
        await runWithMessage(message, async () => logger.info(`raised by ${message.headers.get('source')}`));
        if (++handled === 2) break;
      }
      await captured.observability.flush();
      const sends = captured.spans.filter((span) => span.name === `send ${topic}`);
      const processed = captured.spans.filter((span) => span.name === `process ${topic}`);
      expect(isChildOf(sends[0] as ReadableSpan, await spanNamed('read product'))).toBe(true);
      expect(processed.map((span, index) => isChildOf(span, sends[index] as ReadableSpan))).toEqual([
        true,
        true,
      ]);
      expect(sends[0]?.attributes).toMatchObject({
        'messaging.client.id': 'shop',
        'messaging.kafka.message.key': 'p-7',
      });
      expect(processed[0]?.attributes).toMatchObject({
        'messaging.consumer.group.name': groupId,
        'messaging.kafka.offset': 0,
        'messaging.destination.partition.id': '0',
      });
      expect(captured.logLines.find((line) => line.message === 'raised by shop')).toMatchObject({
        topic,
        partition: 0,
        offset: '0',
      });
      const consumed = (await captured.metrics())
        .split('\n')
        .find((line) => line.startsWith('messaging_client_consumed_messages_total{') && line.includes(topic));
      expect(consumed).toMatch(/\} 2( #|$)/);
    });

    test('without serializers headers are bytes; a stream goes through forEachMessage', async () => {
      const topic = await newTopic();
      const producer = new Producer({ clientId: 'shop', bootstrapBrokers: brokers });
      cleanUps.push(() => producer.close());
      await producer.send({ messages: [{ topic, value: Buffer.from('x') }] });
      const stream = await newStream(topic, uniqueName('group'));
      class Enough extends Error {}
      const consuming = forEachMessage(stream, (message) => {
        expect(message.value).toBe('x');
        throw new Enough();
      });
      await expect(consuming).rejects.toBeInstanceOf(Enough);
      const process = await spanNamed(`process ${topic}`);
      expect(isChildOf(process, await spanNamed(`send ${topic}`))).toBe(true);
      expect(process.attributes['error.type']).toBe('Enough');
    });

    test('messages of a transaction carry the trace, a tombstone too', async () => {
      const topic = await newTopic();
      const producer = new Producer({
        clientId: 'shop',
        bootstrapBrokers: brokers,
        serializers: stringSerializers,
        idempotent: true,
        transactionalId: uniqueName('tx'),
      });
      cleanUps.push(() => producer.close());
      const transaction = await producer.beginTransaction();
      await transaction.send({ messages: [{ topic, key: 'gone', value: null as unknown as string }] });
      await transaction.commit();
      for await (const message of await newStream(topic, uniqueName('group'))) {
        await runWithMessage(message, () => {});
        break;
      }
      const [send, process] = [await spanNamed(`send ${topic}`), await spanNamed(`process ${topic}`)];
      expect(isChildOf(process, send)).toBe(true);
      expect(send.attributes['messaging.kafka.message.tombstone']).toBe(true);
    });

    test('a second consumer of the group is a rebalance of the first, and its own joining is none', async () => {
      const [topic, groupId] = [await newTopic(), uniqueName('group')];
      const first = await newStream(topic, groupId);
      const rebalances = async () =>
        (await captured.metrics())
          .split('\n')
          .find((line) => line.startsWith('messaging_client_rebalances_total{') && line.includes(groupId));
      expect(await rebalances()).toBeUndefined();
      const rejoined = new Promise((resolve) => first.consumer.once('consumer:group:join', resolve));
      await Promise.all([newStream(topic, groupId), rejoined]);
      expect(await rebalances()).toMatch(/ 1$/);
    });

    test('the lag that the consumer asks for is shown', async () => {
      const topic = await newTopic();
      const producer = new Producer({
        clientId: 'shop',
        bootstrapBrokers: brokers,
        serializers: stringSerializers,
      });
      cleanUps.push(() => producer.close());
      await producer.send({ messages: [{ topic, value: 'x' }] });
      const groupId = uniqueName('group');
      const stream = await newStream(topic, groupId, false);
      for await (const message of stream) {
        await message.commit();
        await stream.consumer.getLag({ topics: [topic] });
        break;
      }
      const lag = (await captured.metrics())
        .split('\n')
        .find((line) => line.startsWith('messaging_consumer_lag_messages{') && line.includes(groupId));
      expect(lag).toMatch(/messaging_destination_partition_id="0".* 0$/);
    });
  });
});
