import { logger } from '@throughline/core';
import type { Consumer } from 'kafkajs';
import { connectWhenThere, createKafka, createTopic } from '../product-viewed/kafka-client.js';
import { parseProductViewed, productViewedTopic } from '../product-viewed/product-viewed.js';
import type { ViewCounts } from './view-counts.js';

/**
 * Increases the count of a product for each event, at least once: an event that is delivered twice counts twice.
 *
 * @returns a function that stops after the event in progress
 */
export function countViews(brokers: readonly string[], counts: ViewCounts): () => Promise<void> {
  const kafka = createKafka(brokers, 'views');
  const stopping = new AbortController();
  let consumer: Consumer | undefined;

  let consuming = startConsuming();

  function startConsuming(): Promise<void> {
    return connectWhenThere(consume, stopping.signal);
  }

  async function consume(): Promise<void> {
    await consumer?.disconnect();
    await createTopic(kafka, productViewedTopic);
    consumer = kafka.consumer({
      groupId: 'views',
      // After a restart of the broker, the group waits this long for members that no longer exist.
      ...{ sessionTimeout: 6_000, rebalanceTimeout: 6_000, heartbeatInterval: 2_000 },
    });
    // kafkajs continues after most errors, and reports when it does not.
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) consuming = startConsuming();
    });
    await consumer.connect();
    await consumer.subscribe({ topic: productViewedTopic, fromBeginning: true });
    await consumer.run({
      // No context is passed: this code continues the producer's trace.
      eachMessage: async ({ message }) => {
        const event = parseProductViewed(message.value);
        if (!event) {
          logger.warn('Skipped an event that cannot be read.');
          return;
        }
        await counts.raise(event.productId);
        logger.info('View counted.', { product_id: event.productId });
      },
    });
    logger.info('Counting views.');
  }

  return async () => {
    stopping.abort();
    await consuming;
    await consumer?.disconnect();
  };
}
