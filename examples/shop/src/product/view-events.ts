import { logger } from '@throughline/core';
import { Counter } from 'prom-client';
import { connectWhenThere, createKafka, createTopic } from '../product-viewed/kafka-client.js';
import { type ProductViewed, productViewedTopic } from '../product-viewed/product-viewed.js';

export interface ViewEvents {
  /** Publishes in the background; a read neither waits for it nor fails because of it. */
  viewed(productId: number): void;
  close(): Promise<void>;
}

/** Most events that wait for a slow or unreachable broker. Further events are dropped and counted here. */
const mostInFlight = 200;

const unpublished = new Counter({
  name: 'shop_views_unpublished_total',
  help: 'Views that were not published, because the broker was slow or unreachable.',
});

export const noViewEvents: ViewEvents = { viewed() {}, async close() {} };

export function publishViews(brokers: readonly string[]): ViewEvents {
  const kafka = createKafka(brokers, 'product');
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const stopping = new AbortController();
  let connected = false;
  let failing = false;
  const inFlight = new Set<Promise<void>>();

  const connecting = connectWhenThere(async () => {
    await createTopic(kafka, productViewedTopic);
    await producer.connect();
    connected = true;
  }, stopping.signal);

  async function publish(event: ProductViewed): Promise<void> {
    try {
      await producer.send({
        topic: productViewedTopic,
        acks: 1,
        timeout: 5_000,
        messages: [{ key: String(event.productId), value: JSON.stringify(event) }],
      });
      failing = false;
    } catch (error) {
      unpublished.inc();
      // One log line per outage; the counter counts every event.
      if (!failing) logger.warn('Views are not published.', { error });
      failing = true;
    }
  }

  return {
    viewed(productId) {
      if (!connected || inFlight.size >= mostInFlight) {
        unpublished.inc();
        return;
      }
      const publishing = publish({ productId }).finally(() => inFlight.delete(publishing));
      inFlight.add(publishing);
    },

    async close() {
      stopping.abort();
      await connecting;
      await Promise.race([
        Promise.all(inFlight),
        new Promise((resolve) => setTimeout(resolve, 2_000).unref()),
      ]);
      await producer.disconnect();
    },
  };
}
