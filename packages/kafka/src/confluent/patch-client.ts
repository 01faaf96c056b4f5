import { exportedPrototype, patchOnce } from '@throughline/core/plugin';
import type { ConsumerIdentity } from '../client/messages.js';
import type { Operations } from '../client/operations.js';
import { type Observation, observeHandlers } from '../kafkajs/consumer.js';
import type { KafkajsConsumer, Producer, RunConfig, TopicMessages } from '../kafkajs/internals.js';
import { followSends, prepareSend } from '../kafkajs/producer.js';
import { patchClient as patchNativeClient } from '../node-rdkafka/patch-client.js';

interface ConsumerConfig {
  readonly kafkaJS?: { readonly groupId?: string; readonly clientId?: string };
  readonly 'group.id'?: string;
  readonly 'client.id'?: string;
}

const groups = new WeakMap<object, ConsumerIdentity>();

let latest: Observation | undefined;

/** A consumer keeps the handlers that it was given to run, also when the plugin is switched off and on again. */
const latestObservation: Observation = {
  get messaging() {
    return (latest as Observation).messaging;
  },
  get relation() {
    return (latest as Observation).relation;
  },
  isActive: () => latest?.isActive() === true,
};

export function patchClient(moduleExports: unknown, operations: Operations): () => void {
  const { KafkaJS } = moduleExports as { KafkaJS?: unknown };
  const kafkaPrototype = exportedPrototype(KafkaJS, 'Kafka') as ConfluentClient;
  // The classes of producers and consumers are not exported; making one of each connects to nothing.
  const probe = new (kafkaPrototype.constructor as new (config: object) => ConfluentClient)({});
  const producerPrototype: Producer = Object.getPrototypeOf(probe.producer());
  const consumerPrototype: KafkajsConsumer = Object.getPrototypeOf(
    probe.consumer({ 'group.id': 'throughline' }),
  );

  let sending = false;
  // Completely or not at all.
  return patchOnce(kafkaPrototype, 'kafka', (patch) => {
    const observation: Observation = { ...operations, isActive: () => patch.active };
    latest = observation;
    // `sendBatch` and transactions come here, too.
    patch.replace(
      producerPrototype,
      'send',
      (original) =>
        function send(this: Producer, record: TopicMessages) {
          const prepared = prepareSend(observation, [record]);
          const given = prepared
            ? { ...record, messages: prepared.topicMessages[0]?.messages ?? [] }
            : record;
          // It hands all messages to the inner producer before it returns.
          const call = () => {
            const outer = sending;
            sending = patch.active;
            try {
              return original.call(this, given);
            } finally {
              sending = outer;
            }
          };
          return prepared ? followSends(prepared, call) : call();
        },
    );
    patch.replace(
      kafkaPrototype,
      'consumer',
      (original) =>
        function consumer(this: ConfluentClient, config?: ConsumerConfig) {
          const made = original.call(this, config);
          groups.set(made, {
            groupId: config?.kafkaJS?.groupId ?? config?.['group.id'],
            clientId: config?.kafkaJS?.clientId ?? config?.['client.id'],
          });
          return made;
        },
    );
    patch.replace(
      consumerPrototype,
      'run',
      (original) =>
        function run(this: KafkajsConsumer, config?: RunConfig) {
          if (!patch.active || !config) return original.call(this, config);
          return original.call(
            this,
            observeHandlers(config, groups.get(this) ?? { groupId: undefined }, latestObservation),
          );
        },
    );
    patch.onUndo(
      patchNativeClient(
        moduleExports,
        operations,
        () => sending,
        // Set by the consumers of the other API only.
        ({ _cb_configs: callbacks }) => callbacks?.event?.queue_non_empty_cb !== undefined,
      ),
    );
  });
}

interface ConfluentClient {
  producer(config?: object): Producer;
  consumer(config?: ConsumerConfig): KafkajsConsumer;
}
