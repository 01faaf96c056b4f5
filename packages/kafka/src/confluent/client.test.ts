import { withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  captureObservability,
  testMessagingClient,
} from '@throughline/core/testing';
import type { EachBatchPayload, EachMessagePayload } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokers, hasBroker, newTopic, signal, uniqueName } from '../../test/parts/kafka.js';
import { requireClient } from '../../test/parts/native-clients.js';
import { textHeaders } from '../../test/text-headers.js';
import { forEachMessage, kafkaPlugin } from '../index.js';

type Span = CapturedObservability['spans'][number];

let captured: CapturedObservability;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await captured?.stop();
});
const isChildOf = (span: Span, parent: Span) =>
  span.parentSpanContext?.spanId === parent.spanContext().spanId;
const spansNamed = async (name: string) => {
  await captured.observability.flush();
  return captured.spans.filter((span) => span.name === name);
};

describe.skipIf(!hasBroker || !requireClient)('@confluentinc/kafka-javascript, KafkaJS API', () => {
  const { Kafka, logLevel } = requireClient?.('@confluentinc/kafka-javascript').KafkaJS ?? {};
  const client = () => new Kafka({ kafkaJS: { brokers, clientId: 'shop', logLevel: logLevel.NOTHING } });

  async function newProducer(options: object = {}) {
    const producer = client().producer({ kafkaJS: options });
    await producer.connect();
    cleanUps.push(() => producer.disconnect());
    return producer;
  }
  async function newConsumer(topic: string, groupId: string) {
    const consumer = client().consumer({ kafkaJS: { groupId, fromBeginning: true } });
    await consumer.connect();
    await consumer.subscribe({ topic });
    cleanUps.push(() => consumer.disconnect());
    return consumer;
  }

  testMessagingClient(test, {
    system: 'kafka',
    plugin: () => kafkaPlugin(),
    createDestination: () => newTopic(),
    async connectProducer() {
      const [producer, unconnected] = [client().producer(), client().producer()];
      await producer.connect();
      return {
        send: (topic, { value, headers }) => producer.send({ topic, messages: [{ value, headers }] }),
        sendRefused: () => unconnected.send({ topic: 'refused', messages: [{ value: 'x' }] }),
        close: () => producer.disconnect(),
      };
    },
    async consume(topic, handler) {
      const group = uniqueName('group');
      const consumer = client().consumer({ kafkaJS: { groupId: group, fromBeginning: true } });
      await consumer.connect();
      await consumer.subscribe({ topic });
      await consumer.run({
        eachMessage: ({ message }: EachMessagePayload) =>
          handler({ value: String(message.value), headers: textHeaders(message.headers) }),
      });
      return { group, close: () => consumer.disconnect() };
    },
    processAttributes: { 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': 0 },
    patched: () => [
      Kafka.prototype.consumer,
      requireClient?.('@confluentinc/kafka-javascript').Producer.prototype.produce,
    ],
  });

  describe('beyond the suite', () => {
    beforeEach(() => {
      captured = captureObservability({ plugins: [kafkaPlugin()] });
    });
    test('send, sendBatch and eachMessage are one trace, with one span for each send', async () => {
      const [topic, groupId] = [await newTopic(), uniqueName('group')];
      const producer = await newProducer();
      const message = { key: 'p-7', value: 'viewed', headers: { source: 'shop' } };
      await withSpan('read product', () => producer.send({ topic, messages: [message, { value: 'again' }] }));
      await producer.sendBatch({ topicMessages: [{ topic, messages: [{ value: 'batch' }] }] });
      expect(message).toEqual({ key: 'p-7', value: 'viewed', headers: { source: 'shop' } });

      const consumer = await newConsumer(topic, groupId);
      const done = signal();
      const payloads: EachMessagePayload[] = [];
      await consumer.run({
        async eachMessage(payload: EachMessagePayload) {
          payloads.push(payload);
          if (payloads.length === 3) done.fire();
        },
      });
      await done.fired;
      await consumer.disconnect();
      cleanUps.pop();
      expect(payloads[0]?.message.headers).toMatchObject({
        source: Buffer.from('shop'),
        traceparent: expect.any(Buffer),
      });
      const sends = await spansNamed(`send ${topic}`);
      const processed = await spansNamed(`process ${topic}`);
      expect(sends).toHaveLength(2);
      expect(processed).toHaveLength(3);
      for (const process of processed) expect(sends.some((send) => isChildOf(process, send))).toBe(true);
      expect(isChildOf(sends[0] as Span, (await spansNamed('read product'))[0] as Span)).toBe(true);
      expect(processed[0]?.attributes['messaging.consumer.group.name']).toBe(groupId);
      const consumed = (await captured.metrics())
        .split('\n')
        .find((line) => line.startsWith('messaging_client_consumed_messages_total{') && line.includes(topic));
      expect(consumed).toMatch(/\} 3( #|$)/);
    });

    test('eachBatch with forEachMessage, in a transaction, has a context for each message', async () => {
      const topic = await newTopic();
      const producer = await newProducer({ transactionalId: uniqueName('tx') });
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: '1' }] });
      await transaction.send({ topic, messages: [{ value: '2' }] });
      await transaction.commit();
      const consumer = await newConsumer(topic, uniqueName('group'));
      const done = signal();
      const handled: string[] = [];
      await consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload: EachBatchPayload) =>
          forEachMessage(payload, ({ value }) => {
            handled.push(String(value));
            if (handled.length === 2) done.fire();
          }),
      });
      await done.fired;
      await consumer.disconnect();
      cleanUps.pop();
      const sends = await spansNamed(`send ${topic}`);
      const processed = await spansNamed(`process ${topic}`);
      const batches = await spansNamed(`process_batch ${topic}`);
      expect(handled).toEqual(['1', '2']);
      expect(processed.map((span, index) => isChildOf(span, sends[index] as Span))).toEqual([true, true]);
      expect(batches.map((span) => span.spanContext().spanId)).toContain(
        processed[0]?.links[0]?.context.spanId,
      );
    });

    test('a handler that rejects gets its message again, as without us; every attempt is a span of the trace', async () => {
      const topic = await newTopic();
      const producer = await newProducer();
      await producer.send({ topic, messages: [{ key: 'gone', value: null }] });
      const consumer = await newConsumer(topic, uniqueName('group'));
      const done = signal();
      let attempts = 0;
      await consumer.run({
        async eachMessage() {
          if (++attempts === 1) throw new RangeError('first time');
          done.fire();
        },
      });
      await done.fired;
      await consumer.disconnect();
      cleanUps.pop();
      const [send] = await spansNamed(`send ${topic}`);
      const processed = await spansNamed(`process ${topic}`);
      expect(processed.map((span) => span.attributes['error.type'])).toEqual(['RangeError', undefined]);
      expect(processed.map((span) => isChildOf(span, send as Span))).toEqual([true, true]);
      expect(processed[0]?.attributes['messaging.kafka.message.tombstone']).toBe(true);
    });

    test('a second consumer of the group is a rebalance of the first; lag where statistics are on', async () => {
      const [topic, groupId] = [await newTopic(), uniqueName('group')];
      const producer = await newProducer();
      await producer.send({ topic, messages: [{ value: '1' }] });
      const [joined, again] = [signal(), signal()];
      const told = signal();
      let assignments = 0;
      const first = client().consumer({
        kafkaJS: { groupId, fromBeginning: true },
        'statistics.interval.ms': 100,
        'heartbeat.interval.ms': 100,
        stats_cb: async () => {
          if ((await series('messaging_consumer_lag_messages')) !== undefined) told.fire();
        },
        rebalance_cb: ({ code }: { code: number }) => {
          if (code === -175 && ++assignments === 1) joined.fire();
          else if (code === -175) again.fire();
        },
      });
      const series = async (name: string) =>
        (await captured.metrics())
          .split('\n')
          .find((line) => line.startsWith(`${name}{`) && line.includes(groupId));
      await first.connect();
      await first.subscribe({ topic });
      await first.run({ eachMessage: async () => {} });
      await joined.fired;
      await told.fired;
      expect(await series('messaging_client_rebalances_total')).toBeUndefined();
      const second = await newConsumer(topic, groupId);
      await second.run({ eachMessage: async () => {} });
      await again.fired;
      expect(await series('messaging_client_rebalances_total')).toMatch(/ 1$/);
      await first.disconnect();
      expect(await series('messaging_consumer_lag_messages')).toBeUndefined();
    });
  });
});
