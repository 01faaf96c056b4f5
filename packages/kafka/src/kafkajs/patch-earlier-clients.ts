import {
  followPromise,
  type Method,
  patchOnce,
  type StartedMessagingOperation,
} from '@throughline/core/plugin';
import { type Operations, tryStart } from '../client/operations.js';
import {
  identityOf,
  type Observation,
  observeEachBatch,
  observeEachMessage,
  observeEvents,
} from './consumer.js';
import type { Broker, ProduceRequest, Runner } from './internals.js';
import { copyOf, operationOf, startSend } from './producer.js';

const events = {
  END_BATCH_PROCESS: 'consumer.end_batch_process',
  REBALANCING: 'consumer.rebalancing',
  STOP: 'consumer.stop',
} as const;

/**
 * Consumers that were made, or are running, before init: every batch goes through a method of the inner class
 * `Runner`, and there the handler is replaced before it is called for the first time from then on.
 */
export function patchEarlierConsumers(runnerClass: unknown, operations: Operations): () => void {
  const { prototype } = runnerClass as { prototype: object };
  return patchOnce(prototype, 'kafka', (patch) => {
    const observation: Observation = { ...operations, isActive: () => patch.active };
    const observingFirst = (original: Method): Method =>
      function process(this: Runner, ...args: unknown[]) {
        if (patch.active) tryStart(() => observeRunner(this, observation));
        return original.apply(this, args);
      };
    patch.replace(prototype, 'processEachMessage', observingFirst);
    patch.replace(prototype, 'processEachBatch', observingFirst);
  });
}

function observeRunner(runner: Runner, observation: Observation): void {
  const { eachMessage, eachBatch, consumerGroup } = runner;
  const clientId = consumerGroup.coordinator?.connectionPool?.clientId;
  const known = identityOf(eachMessage) ?? identityOf(eachBatch);
  if (known) {
    known.clientId ??= clientId;
    return;
  }
  const identity = { groupId: consumerGroup.groupId, clientId };
  if (eachMessage) runner.eachMessage = observeEachMessage(eachMessage, identity, observation);
  if (eachBatch) runner.eachBatch = observeEachBatch(eachBatch, identity, observation);
  observeEvents(
    (name, listener) => runner.instrumentationEmitter.addListener(events[name], listener),
    observation.messaging.observeGroup('kafka', consumerGroup.groupId),
    observation.isActive,
  );
}

/**
 * Producers and transactions that were made before init: what they send goes through the inner class `Broker`,
 * one request per broker. Messages of later clients are already observed; here they get their destination.
 */
export function patchEarlierProducers(brokerClass: unknown, operations: Operations): () => void {
  const { prototype } = brokerClass as { prototype: Broker };
  return patchOnce(prototype, 'kafka', (patch) =>
    patch.replace(
      prototype,
      'produce',
      (original) =>
        function produce(this: Broker, request: ProduceRequest) {
          if (!patch.active) return original.call(this, request);
          if (describeLaterOnes(this, request)) return original.call(this, request);
          const observed = tryStart(() => observeRequest(this, request, operations));
          if (!observed) return original.call(this, request);
          return followPromise(
            original.call(this, observed.request),
            () => observed.end(),
            (error) => observed.end({ error }),
          );
        },
    ),
  );
}

/** Whether the request is of a producer that is observed from its beginning. */
function describeLaterOnes(broker: Broker, request: ProduceRequest): boolean {
  let found = false;
  for (const { partitions } of request.topicData) {
    const operation = operationOf(partitions[0]?.messages[0]);
    if (!operation) continue;
    found = true;
    describe(operation, broker);
  }
  return found;
}

function observeRequest(broker: Broker, request: ProduceRequest, { messaging }: Operations) {
  // Copies: a retry sends the service's own messages again.
  const topicData = request.topicData.map((ofTopic) => ({
    ...ofTopic,
    partitions: ofTopic.partitions.map((ofPartition) => ({
      ...ofPartition,
      messages: ofPartition.messages.map(copyOf),
    })),
  }));
  const started = topicData.map(({ topic, partitions }) => {
    const operation = startSend(
      messaging,
      topic,
      partitions.flatMap(({ messages }) => messages),
    );
    describe(operation, broker);
    if (partitions.length === 1) {
      operation.span?.setAttribute('messaging.destination.partition.id', String(partitions[0]?.partition));
    }
    return operation;
  });
  return {
    request: { ...request, topicData },
    end(outcome: { error?: unknown } = {}) {
      for (const operation of started) operation.end(outcome);
    },
  };
}

function describe(operation: StartedMessagingOperation | undefined, { connectionPool }: Broker): void {
  const span = operation?.span;
  if (!span || !connectionPool) return;
  const { clientId, host, port } = connectionPool;
  if (clientId !== undefined) span.setAttribute('messaging.client.id', clientId);
  if (host !== undefined) span.setAttribute('server.address', host);
  if (port !== undefined) span.setAttribute('server.port', port);
}
