import type { ConsumerGroupObservation, StartedMessagingOperation } from '@throughline/core/plugin';
import { type ConsumerIdentity, rememberConsumer, startOfConsumer } from '../client/messages.js';
import { type Operations, runIn, tryStart } from '../client/operations.js';
import type {
  BatchEvent,
  EachBatchPayload,
  EachMessagePayload,
  PayloadHandler,
  RunConfig,
} from './internals.js';

/** On a handler that is observed already: what is known of its consumer. */
const observed = Symbol.for('throughline.kafka.observed-handler.2');

export interface Observation extends Operations {
  /** False once the plugin is shut down. */
  readonly isActive: () => boolean;
}

interface ObservedHandler {
  readonly identity: ConsumerIdentity;
  readonly isActive: Observation['isActive'];
}

/** Undefined as well for a handler whose observation has ended: the plugin was switched off and on again. */
export function identityOf(handler: unknown): ConsumerIdentity | undefined {
  const known = (handler as { [observed]?: ObservedHandler } | null | undefined)?.[observed];
  return known?.isActive() ? known.identity : undefined;
}

function mark<H extends object>(handler: H, known: ObservedHandler): H {
  return Object.defineProperty(handler, observed, { value: known });
}

/** `eachMessage` in the context of its message. What it returns and throws stays as it is. */
export function observeEachMessage(
  handler: PayloadHandler<EachMessagePayload>,
  identity: ConsumerIdentity,
  observation: Observation,
): PayloadHandler<EachMessagePayload> {
  const { isActive } = observation;
  function eachMessage(this: unknown, payload: EachMessagePayload): unknown {
    const started = isActive() ? startMessage(payload, identity, observation) : undefined;
    return started ? runIn(started, () => handler.call(this, payload)) : handler.call(this, payload);
  }
  return mark(eachMessage, { identity, isActive });
}

function startMessage(
  payload: EachMessagePayload,
  identity: ConsumerIdentity,
  operations: Operations,
): StartedMessagingOperation | undefined {
  try {
    const { topic, partition, message } = payload;
    return startOfConsumer(topic, partition, message, identity, operations);
  } catch {
    return undefined;
  }
}

/** `eachBatch` in a span of the batch, in which everything lands that a simple loop over the messages does. */
export function observeEachBatch(
  handler: PayloadHandler<EachBatchPayload>,
  identity: ConsumerIdentity,
  observation: Observation,
): PayloadHandler<EachBatchPayload> {
  const { isActive } = observation;
  function eachBatch(this: unknown, payload: EachBatchPayload): unknown {
    const started = isActive()
      ? tryStart(() => {
          const { batch } = payload;
          rememberConsumer(batch, identity);
          const { topic, partition, messages } = batch;
          return observation.messaging.startBatch({
            system: 'kafka',
            destination: topic,
            partition,
            offset: messages[0]?.offset,
            count: messages.length,
            headers: messages.map((message) => message.headers),
            timestampMillis: messages[0]?.timestamp,
            consumerGroup: identity.groupId,
            clientId: identity.clientId,
          });
        })
      : undefined;
    return started ? runIn(started, () => handler.call(this, payload)) : handler.call(this, payload);
  }
  return mark(eachBatch, { identity, isActive });
}

/** What `run` is called with, with observed handlers. */
export function observeHandlers(
  config: RunConfig,
  identity: ConsumerIdentity,
  observation: Observation,
): RunConfig {
  const { eachMessage, eachBatch } = config;
  return {
    ...config,
    ...(typeof eachMessage === 'function'
      ? { eachMessage: observeEachMessage(eachMessage, identity, observation) }
      : {}),
    ...(typeof eachBatch === 'function'
      ? { eachBatch: observeEachBatch(eachBatch, identity, observation) }
      : {}),
  };
}

/** Lag and rebalances, from the consumer's own events. */
export function observeEvents(
  on: (
    eventName: 'END_BATCH_PROCESS' | 'REBALANCING' | 'STOP',
    listener: (event: BatchEvent) => void,
  ) => void,
  group: ConsumerGroupObservation,
  isActive: () => boolean,
): void {
  on('END_BATCH_PROCESS', ({ payload }) => {
    if (isActive()) group.lag(payload.topic, payload.partition, Math.max(0, Number(payload.offsetLag)));
  });
  on('REBALANCING', () => {
    if (isActive()) group.rebalanced();
  });
  on('STOP', () => group.left());
}
