import type { ClientSetup } from '../kafka-plugin.js';
import type { Producer, RunConfig, TopicMessages } from '../kafkajs/kafkajs-internals.js';
import { type Observation, observeEachBatch, observeEachMessage } from '../kafkajs/observe-consumer.js';
import { prepareSend } from '../kafkajs/observe-producer.js';
import { patchLibrdkafka } from '../librdkafka/patch-librdkafka.js';
import type { Operations } from '../operations.js';
import { classOf, replaceMethods } from '../replaced-method.js';

/** @confluentinc/kafka-javascript 1: the API like that of kafkajs, and that of librdkafka below it. */
export const setUpConfluent: ClientSetup = (context) => {
  context.patchModule(
    {
      name: '@confluentinc/kafka-javascript',
      supportedVersions: ['>=1.0.0 <2', '*'],
      patch: (moduleExports) => patchConfluent(moduleExports, context),
    },
    context.modules,
  );
  return undefined;
};

interface ConsumerConfig {
  readonly kafkaJS?: { readonly groupId?: string; readonly clientId?: string };
  readonly 'group.id'?: string;
  readonly 'client.id'?: string;
}

function patchConfluent(moduleExports: unknown, operations: Operations): () => void {
  const { KafkaJS } = moduleExports as { KafkaJS?: unknown };
  const kafka = classOf(KafkaJS, 'Kafka');
  // The classes of producers and consumers are not exported; making one of each connects to nothing.
  const probe = new (kafka as unknown as new (config: object) => Probe)({});
  const producerPrototype = Object.getPrototypeOf(probe.producer());
  const consumerPrototype = Object.getPrototypeOf(probe.consumer({ 'group.id': 'throughline' }));

  const groups = new WeakMap<object, { groupId: string | undefined; clientId: string | undefined }>();
  let sending = false;
  const undos = [
    replaceMethods(producerPrototype, (state) => {
      const observation: Observation = { ...operations, isActive: () => state.active };
      return {
        // `sendBatch` and transactions come here, too.
        send: (original) =>
          function send(this: Producer, record: TopicMessages) {
            const prepared = prepareSend(observation, () => [record]);
            const given = prepared
              ? { ...record, messages: prepared.topicMessages[0]?.messages ?? [] }
              : record;
            // It hands all messages to the inner producer before it returns.
            const call = () => {
              const outer = sending;
              sending = state.active;
              try {
                return original.call(this, given);
              } finally {
                sending = outer;
              }
            };
            return prepared ? prepared.run(call) : call();
          },
      };
    }),
    replaceMethods(kafka.prototype, () => ({
      consumer: (original) =>
        function consumer(this: unknown, config?: ConsumerConfig) {
          const made = original.call(this, config);
          groups.set(made, {
            groupId: config?.kafkaJS?.groupId ?? config?.['group.id'],
            clientId: config?.kafkaJS?.clientId ?? config?.['client.id'],
          });
          return made;
        },
    })),
    replaceMethods(consumerPrototype, (state) => {
      const observation: Observation = { ...operations, isActive: () => state.active };
      return {
        run: (original) =>
          function run(this: object, config?: RunConfig) {
            if (!state.active || !config) return original.call(this, config);
            const identity = groups.get(this) ?? { groupId: undefined };
            const { eachMessage, eachBatch } = config;
            return original.call(this, {
              ...config,
              ...(typeof eachMessage === 'function'
                ? { eachMessage: observeEachMessage(eachMessage, identity, observation) }
                : {}),
              ...(typeof eachBatch === 'function'
                ? { eachBatch: observeEachBatch(eachBatch, identity, observation) }
                : {}),
            });
          },
      };
    }),
    patchLibrdkafka(
      moduleExports,
      operations,
      () => sending,
      // Set by the consumers of the other API only.
      ({ _cb_configs: callbacks }) => callbacks?.event?.queue_non_empty_cb !== undefined,
    ),
  ];
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

interface Probe {
  producer(): object;
  consumer(config: object): object;
}
