import type { ConsumerIdentity } from '../messages.js';
import type { Operations } from '../operations.js';
import { classOf, replaceMethods } from '../replaced-method.js';
import type { Consumer, Kafka, Producer, RunConfig } from './kafkajs-internals.js';
import { type Observation, observeEachBatch, observeEachMessage, observeEvents } from './observe-consumer.js';
import { observeSender } from './observe-producer.js';

/** Producers and consumers as they are made: kafkajs makes them as objects of closures, each with its own methods. */
export function patchKafka(moduleExports: unknown, operations: Operations): () => void {
  return replaceMethods(classOf(moduleExports, 'Kafka').prototype, (state) => {
    const observation: Observation = { ...operations, isActive: () => state.active };
    return {
      producer: (original) =>
        function producer(this: Kafka, ...args: unknown[]) {
          const made: Producer = original.apply(this, args);
          observeProducer(made, observation);
          return made;
        },
      consumer: (original) =>
        function consumer(this: Kafka, ...args: unknown[]) {
          const made: Consumer = original.apply(this, args);
          const { groupId } = (args[0] ?? {}) as { groupId?: string };
          observeConsumer(made, { groupId }, observation);
          return made;
        },
    };
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

function observeConsumer(consumer: Consumer, identity: ConsumerIdentity, observation: Observation): void {
  const { run } = consumer;
  consumer.run = function observedRun(this: unknown, config?: RunConfig) {
    if (!config || typeof config !== 'object') return run.call(this as Consumer, config);
    const { eachMessage, eachBatch } = config;
    return run.call(this as Consumer, {
      ...config,
      ...(typeof eachMessage === 'function'
        ? { eachMessage: observeEachMessage(eachMessage, identity, observation) }
        : {}),
      ...(typeof eachBatch === 'function'
        ? { eachBatch: observeEachBatch(eachBatch, identity, observation) }
        : {}),
    });
  };
  if (identity.groupId === undefined) return;
  observeEvents(
    (name, listener) => consumer.on(consumer.events[name], listener),
    observation.messaging.observeGroup('kafka', identity.groupId),
    observation.isActive,
  );
}
