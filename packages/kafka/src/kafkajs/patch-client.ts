import { exportedPrototype, patchOnce } from '@throughline/core/plugin';
import type { ConsumerIdentity } from '../client/messages.js';
import type { Operations } from '../client/operations.js';
import { type Observation, observeEvents, observeHandlers } from './consumer.js';
import type { KafkajsClient, KafkajsConsumer, Producer, RunConfig } from './internals.js';
import { observeSender } from './producer.js';

/** Producers and consumers as they are made: kafkajs makes them as objects of closures, each with its own methods. */
export function patchClient(moduleExports: unknown, operations: Operations): () => void {
  const prototype = exportedPrototype(moduleExports, 'Kafka') as KafkajsClient;
  return patchOnce(prototype, 'kafka', (patch) => {
    const observation: Observation = { ...operations, isActive: () => patch.active };
    patch.replace(
      prototype,
      'producer',
      (original) =>
        function producer(this: KafkajsClient, ...args) {
          const made = original.apply(this, args);
          observeProducer(made, observation);
          return made;
        },
    );
    patch.replace(
      prototype,
      'consumer',
      (original) =>
        function consumer(this: KafkajsClient, ...args) {
          const made = original.apply(this, args);
          observeConsumer(made, { groupId: args[0]?.groupId }, observation);
          return made;
        },
    );
  });
}

function observeProducer(producer: Producer, observation: Observation): void {
  observeSender(producer, observation);
  const { transaction } = producer;
  producer.transaction = async function observedTransaction(...args) {
    const made = await transaction.apply(this, args);
    observeSender(made, observation);
    return made;
  };
}

function observeConsumer(
  consumer: KafkajsConsumer,
  identity: ConsumerIdentity,
  observation: Observation,
): void {
  const { run } = consumer;
  consumer.run = function observedRun(this: unknown, config?: RunConfig) {
    if (!config || typeof config !== 'object') return run.call(this as KafkajsConsumer, config);
    return run.call(this as KafkajsConsumer, observeHandlers(config, identity, observation));
  };
  if (identity.groupId === undefined) return;
  observeEvents(
    (name, listener) => consumer.on(consumer.events[name], listener),
    observation.messaging.observeGroup('kafka', identity.groupId),
    observation.isActive,
  );
}
