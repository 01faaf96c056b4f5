import { logger, withSpan } from '@throughline/core';
import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokers, hasBroker, newTopic, signal, uniqueName } from '../../test/parts/kafka.js';
import { requireClient } from '../../test/parts/native-clients.js';
import { forEachMessage, type KafkaMessage, kafkaPlugin } from '../index.js';

type Span = CapturedObservability['spans'][number];

let captured: CapturedObservability;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  captured = captureObservability({ plugins: [kafkaPlugin()] });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await captured.stop();
});

const spanNamed = (name: string) => captured.waitForSpan((span) => span.name === name);
const isChildOf = (span: Span, parent: Span) =>
  span.parentSpanContext?.spanId === parent.spanContext().spanId;
const messageBytes = Buffer.from('viewed');

describe.skipIf(!hasBroker || !requireClient).each(['node-rdkafka', '@confluentinc/kafka-javascript'])(
  '%s',
  (name) => {
    // biome-ignore lint/suspicious/noExplicitAny: both packages have the same API, and types only where they are installed
    const rdkafka: any = requireClient?.(name);
    const common = { 'metadata.broker.list': brokers.join(','), 'client.id': 'shop' };

    // biome-ignore lint/suspicious/noExplicitAny: see above
    async function connected(client: any) {
      await new Promise((resolve, reject) =>
        client.connect({}, (error: unknown) => (error ? reject(error) : resolve(undefined))),
      );
      cleanUps.push(() => new Promise((resolve) => client.disconnect(resolve)));
      return client;
    }
    const newProducer = async () => {
      const producer = await connected(new rdkafka.Producer({ ...common, dr_cb: true }));
      producer.setPollInterval(10);
      return producer;
    };
    const newConsumer = async (topic: string, groupId = uniqueName('group')) => {
      const settings = { ...common, 'group.id': groupId, 'client.id': 'views' };
      const consumer = await connected(
        new rdkafka.KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' }),
      );
      consumer.subscribe([topic]);
      return consumer;
    };

    test('a produced message is one trace as far as the listener of its data', async () => {
      const topic = await newTopic();
      const producer = await newProducer();
      const delivered = signal();
      producer.on('delivery-report', () => delivered.fire());
      const headers = [{ source: 'shop' }];
      withSpan('read product', () =>
        producer.produce(topic, null, messageBytes, 'p-7', Date.now(), { own: 1 }, headers),
      );
      await delivered.fired;
      expect(headers).toEqual([{ source: 'shop' }]);

      const groupId = uniqueName('group');
      const consumer = await newConsumer(topic, groupId);
      const handled = signal<KafkaMessage>();
      consumer.on('data', (message: KafkaMessage) => {
        logger.info('raised');
        handled.fire(message);
      });
      consumer.consume();
      const message = await handled.fired;
      expect(message.headers).toEqual(
        expect.arrayContaining([{ source: Buffer.from('shop') }, { traceparent: expect.any(Buffer) }]),
      );
      const [send, process] = [await spanNamed(`send ${topic}`), await spanNamed(`process ${topic}`)];
      expect(isChildOf(send, await spanNamed('read product'))).toBe(true);
      expect(isChildOf(process, send)).toBe(true);
      expect(send.attributes).toMatchObject({
        'messaging.client.id': 'shop',
        'messaging.kafka.offset': 0,
        'messaging.kafka.message.key': 'p-7',
      });
      expect(process.attributes).toMatchObject({
        'messaging.client.id': 'views',
        'messaging.consumer.group.name': groupId,
        'messaging.kafka.offset': 0,
      });
      expect(captured.logLines.find((line) => line.message === 'raised')).toMatchObject({ topic, offset: 0 });
      const consumed = (await captured.metrics())
        .split('\n')
        .find((line) => line.startsWith('messaging_client_consumed_messages_total{') && line.includes(topic));
      expect(consumed).toMatch(/\} 1( #|$)/);
    });

    test('a batch that was asked for has a span; forEachMessage gives each message its own', async () => {
      const topic = await newTopic();
      const producer = await newProducer();
      for (const key of ['a', 'b', 'c']) producer.produce(topic, 0, messageBytes, key);
      const consumer = await newConsumer(topic);
      const handled: string[] = [];
      while (handled.length < 3) {
        await new Promise<void>((resolve, reject) =>
          consumer.consume(10, async (error: unknown, messages: KafkaMessage[]) => {
            if (error) return reject(error);
            await forEachMessage(messages, (message) => handled.push(String(message.key)));
            resolve();
          }),
        );
      }
      await spanNamed(`process_batch ${topic}`);
      await captured.observability.flush();
      const sends = captured.spans.filter((span) => span.name === `send ${topic}`);
      const processed = captured.spans.filter((span) => span.name === `process ${topic}`);
      const batches = captured.spans.filter((span) => span.name === `process_batch ${topic}`);
      expect(handled).toEqual(['a', 'b', 'c']);
      expect(processed.map((span, index) => isChildOf(span, sends[index] as Span))).toEqual([
        true,
        true,
        true,
      ]);
      for (const span of processed) {
        expect(batches.map((batch) => batch.spanContext().spanId)).toContain(span.links[0]?.context.spanId);
      }
      expect(batches.flatMap((batch) => batch.links)).toHaveLength(3);
    });

    test('streams and the high-level producer carry the trace', async () => {
      const topic = await newTopic();
      const producer = new rdkafka.HighLevelProducer(common);
      await connected(producer);
      const offset = await new Promise((resolve, reject) =>
        withSpan('read product', () =>
          producer.produce(topic, null, messageBytes, 'k', Date.now(), (error: unknown, at: unknown) =>
            error ? reject(error) : resolve(at),
          ),
        ),
      );
      expect(offset).toBe(0);
      const writing = rdkafka.Producer.createWriteStream(common, {}, { objectMode: true, pollInterval: 10 });
      writing.write({ topic, value: messageBytes });
      cleanUps.push(() => new Promise((resolve) => writing.close(resolve)));

      const settings = { ...common, 'group.id': uniqueName('group') };
      const stream = rdkafka.KafkaConsumer.createReadStream(
        settings,
        { 'auto.offset.reset': 'earliest' },
        { topics: topic, fetchSize: 10 },
      );
      let handled = 0;
      const consuming = forEachMessage(stream as AsyncIterable<KafkaMessage>, () => {
        if (++handled === 2) stream.destroy();
      });
      await consuming.catch(() => {});
      await captured.observability.flush();
      const sends = captured.spans.filter((span) => span.name === `send ${topic}`);
      const processed = captured.spans.filter((span) => span.name === `process ${topic}`);
      expect(processed.map((span, index) => isChildOf(span, sends[index] as Span))).toEqual([true, true]);
      expect(isChildOf(sends[0] as Span, await spanNamed('read product'))).toBe(true);
      expect(processed[0]?.attributes['messaging.consumer.group.name']).toBe(settings['group.id']);
    });

    test('a message that the client refuses is recorded, and the error is its own', async () => {
      const producer = await newProducer();
      const topic = await newTopic();
      let refused: unknown;
      try {
        producer.produce(topic, 0, Buffer.alloc(2_000_000));
      } catch (error) {
        refused = error;
      }
      expect(refused).toMatchObject({ message: expect.stringContaining('too large') });
      expect((await spanNamed(`send ${topic}`)).attributes['error.type']).toBeDefined();
      expect(() => producer.produce(7, 0, messageBytes)).toThrow(TypeError);
    });
  },
);
