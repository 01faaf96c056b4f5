import { logger, withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  captureObservability,
  testMessagingClient,
} from '@throughline/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokers, hasBroker, newTopic, signal, uniqueName } from '../../test/parts/kafka.js';
import { requireClient } from '../../test/parts/native-clients.js';
import { textHeaders } from '../../test/text-headers.js';
import { forEachMessage, type KafkaMessage, kafkaPlugin } from '../index.js';

type Span = CapturedObservability['spans'][number];

let captured: CapturedObservability;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await captured?.stop();
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

    // biome-ignore lint/suspicious/noExplicitAny: see above
    const connecting = (one: any) =>
      new Promise<void>((resolve, reject) =>
        one.connect({}, (error: unknown) => (error ? reject(error) : resolve())),
      );
    // biome-ignore lint/suspicious/noExplicitAny: see above
    const disconnecting = (one: any) => new Promise((resolve) => one.disconnect(resolve));
    testMessagingClient(test, {
      system: 'kafka',
      plugin: () => kafkaPlugin(),
      createDestination: () => newTopic(),
      async connectProducer() {
        const producer = new rdkafka.Producer({ ...common, dr_cb: true });
        await connecting(producer);
        producer.setPollInterval(10);
        producer.on(
          'delivery-report',
          (error: unknown, { opaque }: { opaque: { fire(): void; fail(error: unknown): void } }) =>
            error ? opaque.fail(error) : opaque.fire(),
        );
        return {
          send(topic, { value, headers }) {
            const delivered = signal();
            const list = Object.entries(headers).map(([name, text]) => ({ [name]: text }));
            producer.produce(topic, null, Buffer.from(value), null, Date.now(), delivered, list);
            return delivered.fired;
          },
          sendRefused: async () => producer.produce('refused', 0, Buffer.alloc(2_000_000)),
          close: () => disconnecting(producer),
        };
      },
      async consume(topic, handler) {
        const group = uniqueName('group');
        const consumer = new rdkafka.KafkaConsumer(
          { ...common, 'group.id': group },
          { 'auto.offset.reset': 'earliest' },
        );
        await connecting(consumer);
        consumer.subscribe([topic]);
        consumer.setDefaultConsumeTimeout(50);
        let open = true;
        const consumeOne = () =>
          new Promise<void>((resolve) =>
            consumer.consume(1, async (error: unknown, messages: KafkaMessage[]) => {
              await forEachMessage(error ? [] : messages, ({ value, headers }) =>
                handler({ value: String(value), headers: textHeaders(headers) }),
              ).catch(() => {});
              resolve();
            }),
          );
        const consuming = (async () => {
          while (open) await consumeOne();
        })();
        return {
          group,
          async close() {
            open = false;
            await consuming;
            await disconnecting(consumer);
          },
        };
      },
      sendAttributes: { 'messaging.client.id': 'shop', 'messaging.kafka.offset': 0 },
      processAttributes: {
        'messaging.client.id': 'shop',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.offset': 0,
      },
      patched: () => [rdkafka.Producer.prototype.produce, rdkafka.KafkaConsumer.prototype._consumeNum],
    });

    describe('beyond the suite', () => {
      beforeEach(() => {
        captured = captureObservability({ plugins: [kafkaPlugin()] });
      });
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
        expect(captured.logLines.find((line) => line.message === 'raised')).toMatchObject({
          topic,
          offset: 0,
        });
        const consumed = (await captured.metrics())
          .split('\n')
          .find(
            (line) => line.startsWith('messaging_client_consumed_messages_total{') && line.includes(topic),
          );
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
        const writing = rdkafka.Producer.createWriteStream(
          common,
          {},
          { objectMode: true, pollInterval: 10 },
        );
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

      test('lag and rebalances are shown where the service asks for them, and go with the consumer', async () => {
        const [topic, groupId] = [await newTopic(), uniqueName('group')];
        const producer = await newProducer();
        for (const key of ['a', 'b', 'c']) producer.produce(topic, 0, messageBytes, key);
        const settings = {
          ...common,
          'group.id': groupId,
          'statistics.interval.ms': 100,
          'heartbeat.interval.ms': 100,
          rebalance_cb: true,
          'enable.auto.commit': false,
        };
        const consumer = new rdkafka.KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' });
        await new Promise((resolve) => consumer.connect({}, resolve));
        consumer.subscribe([topic]);
        const seriesOf = async (name: string) =>
          (await captured.metrics())
            .split('\n')
            .find((line) => line.startsWith(`${name}{`) && line.includes(groupId));
        const untilStatistics = async (wanted: RegExp) => {
          while (!wanted.test((await seriesOf('messaging_consumer_lag_messages')) ?? '')) {
            await new Promise((resolve) => consumer.once('event.stats', resolve));
          }
        };
        const handled = signal();
        const assigned: number[] = [];
        consumer.on('rebalance', ({ code }: { code: number }) => assigned.push(code));
        consumer.on('data', (message: KafkaMessage) => {
          consumer.commitMessageSync(message);
          if (String(message.key) === 'c') handled.fire();
        });
        consumer.consume();
        await handled.fired;
        await untilStatistics(/messaging_destination_partition_id="0".* 0$/);
        expect(await seriesOf('messaging_client_rebalances_total')).toBeUndefined();

        const second = await newConsumer(topic, groupId);
        second.on('data', () => {});
        second.consume();
        const rebalanced = () => assigned.length >= 3;
        while (!rebalanced()) await new Promise((resolve) => consumer.once('rebalance', resolve));
        expect(await seriesOf('messaging_client_rebalances_total')).toMatch(/ 1$/);
        await new Promise((resolve) => consumer.disconnect(resolve));
        expect(await seriesOf('messaging_client_rebalances_total')).toMatch(/ 1$/);
        expect(await seriesOf('messaging_consumer_lag_messages')).toBeUndefined();
      });

      test('tombstones and odd headers, through a subscription by a regular expression', async () => {
        const topic = await newTopic();
        const producer = await newProducer();
        const headers = [{ bytes: Buffer.from([0xff, 0xfe]) }, { again: 'a' }, { again: 'b' }, { empty: '' }];
        producer.produce(topic, 0, null, 'gone', undefined, undefined, headers);
        producer.produce(topic, 0, messageBytes, null, undefined, undefined, [
          { large: 'x'.repeat(900_000) },
        ]);
        const settings = { ...common, 'group.id': uniqueName('group') };
        const consumer = await connected(
          new rdkafka.KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' }),
        );
        consumer.subscribe([new RegExp(`^${topic}.*`)]);
        const messages: KafkaMessage[] = [];
        const both = signal();
        consumer.on('data', (message: KafkaMessage) => {
          if (messages.push(message) === 2) both.fire();
        });
        consumer.consume();
        await both.fired;
        expect(messages[0]).toMatchObject({ value: null, key: Buffer.from('gone') });
        // node-rdkafka makes text of a header's bytes, with us and without.
        const bytes = name === 'node-rdkafka' ? Buffer.from('\uFFFD\uFFFD') : Buffer.from([0xff, 0xfe]);
        const [tombstone] = messages as [KafkaMessage & { headers: object[] }];
        expect(tombstone.headers.slice(0, 4)).toEqual([
          { bytes },
          { again: Buffer.from('a') },
          { again: Buffer.from('b') },
          { empty: Buffer.from('') },
        ]);
        await captured.observability.flush();
        const sends = captured.spans.filter((span) => span.name === `send ${topic}`);
        const processed = captured.spans.filter((span) => span.name === `process ${topic}`);
        expect(processed.map((span, index) => isChildOf(span, sends[index] as Span))).toEqual([true, true]);
        for (const span of [sends[0], processed[0]]) {
          expect(span?.attributes['messaging.kafka.message.tombstone']).toBe(true);
        }
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
    });
  },
);
