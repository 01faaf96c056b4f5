import { withSpan } from '@throughline/core';
import { captureObservability } from '@throughline/core/testing';
import { spansBothWays } from '@throughline/testbed/both-ways';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { brokers, hasBroker, newTopic, signal } from '../../test/parts/kafka.js';
import { forEachMessage, kafkaPlugin } from '../index.js';

test.skipIf(!hasBroker)(
  'sent, received and failed messages have the same spans by the recorder as by the SDK',
  async () => {
    const topic = await newTopic();
    const { recorder, sdk, spanCount } = await spansBothWays(
      captureObservability,
      { plugins: [kafkaPlugin()], logs: { level: 'silly' } },
      async () => {
        const client = new Kafka({ brokers, clientId: 'shop', logLevel: logLevel.NOTHING });
        const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
        await producer.connect();
        const consumer = client.consumer({ groupId: 'both-ways', maxWaitTimeInMs: 100 });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        const [first, all] = [signal(), signal()];
        let seen = 0;
        await consumer.run({
          eachBatch: (payload) =>
            forEachMessage(payload.batch, async (message) => {
              if (++seen === 1) first.fire();
              if (seen === 4) all.fire();
              if (message.value?.toString() === 'bad')
                await Promise.reject(new Error('bad message')).catch(() => {});
            }),
        });
        const send = (...values: string[]) =>
          withSpan('order', () =>
            producer.send({ topic, messages: values.map((value) => ({ key: 'k', value })) }),
          );
        await send('one');
        // What is sent together comes together: a batch of one, and one of three.
        await first.fired;
        await send('two', 'bad', 'three');
        await withSpan('failing', () => producer.send({ topic, acks: 7, messages: [{ value: 'x' }] })).catch(
          () => {},
        );
        await all.fired;
        await consumer.disconnect();
        await producer.disconnect();
      },
    );
    expect(recorder).toEqual(sdk);
    expect(spanCount).toBeGreaterThan(8);
  },
);
