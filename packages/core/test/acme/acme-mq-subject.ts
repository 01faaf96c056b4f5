import type { TestedMessagingClient } from '../../src/testing.js';
import { AcmeConsumer, AcmeProducer, forbiddenTopic } from './acme-mq.js';
import { acmeMqPlugin, connectAcmeProducer, type faults } from './acme-mq-plugin.js';

let topics = 0;

/** What the suite needs of the client. */
export const acmeMqSubject = (fault?: keyof typeof faults): TestedMessagingClient => ({
  system: 'acme',
  plugin: () => acmeMqPlugin(fault),
  createDestination: async () => `topic-${++topics}`,
  async connectProducer() {
    const producer = connectAcmeProducer();
    return {
      send: (destination, message) => producer.send(destination, message),
      sendRefused: () => producer.send(forbiddenTopic, { value: 'a', headers: {} }),
      close() {},
    };
  },
  async consume(destination, handler) {
    const consumer = new AcmeConsumer(destination, 'readers', handler);
    return { group: 'readers', close: () => consumer.close() };
  },
  patched: () => [AcmeProducer.prototype.send, AcmeConsumer.prototype.deliver],
});
