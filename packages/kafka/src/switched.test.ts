import { type CapturedObservability, captureObservability } from '@throughline/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { hasBroker, newTopic, signal } from '../test/parts/kafka.js';
import { disconnectAll, newConsumer, newProducer } from '../test/parts/kafkajs-clients.js';
import { kafkaPlugin } from './index.js';

let captured: CapturedObservability;
afterEach(async () => {
  await disconnectAll();
  await captured?.stop();
});

describe.skipIf(!hasBroker)('switched off and on again', () => {
  test('a producer made meanwhile or before is recorded once', async () => {
    captured = captureObservability({ plugins: [kafkaPlugin()] });
    const topic = await newTopic();
    const before = await newProducer();
    captured.observability.setPluginEnabled('kafka', false);
    const meanwhile = await newProducer();
    await before.send({ topic, messages: [{ value: 'off' }] });
    await meanwhile.send({ topic, messages: [{ value: 'off' }] });
    await captured.observability.flush();
    expect(captured.spans.filter(({ name }) => name === `send ${topic}`)).toEqual([]);
    captured.observability.setPluginEnabled('kafka', true);
    for (const producer of [before, meanwhile, await newProducer()]) {
      captured.reset();
      await producer.send({ topic, messages: [{ value: 'on' }] });
      await captured.observability.flush();
      expect(captured.spans.filter(({ name }) => name === `send ${topic}`)).toHaveLength(1);
    }
  });

  test('a consumer that runs through it', async () => {
    captured = captureObservability({ plugins: [kafkaPlugin()] });
    const topic = await newTopic();
    const producer = await newProducer();
    const consumer = await newConsumer(topic);
    let handled = signal();
    await consumer.run({ eachMessage: async () => handled.fire() });
    const processed = async () => {
      captured.reset();
      handled = signal();
      await producer.send({ topic, messages: [{ value: 'x' }] });
      await handled.fired;
      // The span ends after its handler has.
      await new Promise(setImmediate);
      await captured.observability.flush();
      return captured.spans.filter(({ name }) => name === `process ${topic}`).length;
    };
    for (let round = 0; round < 2; round++) {
      expect(await processed()).toBe(1);
      captured.observability.setPluginEnabled('kafka', false);
      expect(await processed()).toBe(0);
      captured.observability.setPluginEnabled('kafka', true);
    }
    expect(await processed()).toBe(1);
  });
});
