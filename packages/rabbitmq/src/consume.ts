import { followCall, type StartedMessagingOperation, tryStart } from '@throughline/core/plugin';
import { nacked, type OpenDeliveries, rejected } from './deliveries.js';
import type { AmqpChannel, BaseChannel, Consumer, DeliveredMessage } from './internals.js';
import { sentMillisOf } from './message-headers.js';
import { attributesOf, destinationOf, type Observation, system, textOrNothing } from './observation.js';

/** On a callback that `consume` has registered: what it was called with. */
const consumption = Symbol.for('throughline.rabbitmq.consumption');

interface Consumption {
  readonly queue: string;
  readonly noAck: boolean;
}

/** `consume`: remembers the queue, which messages do not name. */
export function observeConsume({ isActive }: Observation) {
  return (original: AmqpChannel['consume']): AmqpChannel['consume'] =>
    function consume(this: AmqpChannel, queue, callback, options, ...others) {
      const observed =
        isActive() && typeof callback === 'function'
          ? tryStart(() => withConsumption(callback, { queue, noAck: options?.noAck === true }))
          : undefined;
      return original.call(this, queue, observed ?? callback, options, ...others);
    };
}

function withConsumption(callback: Consumer, consumed: Consumption): Consumer {
  function consume(this: unknown, message: DeliveredMessage | null): unknown {
    return callback.call(this, message);
  }
  return Object.defineProperty(consume, consumption, { value: consumed });
}

/** `dispatchMessage`, which hands a message to its consumer: those that were registered before init are observed too. */
export function observeDeliveries(observation: Observation, open: OpenDeliveries) {
  return (original: BaseChannel['dispatchMessage']): BaseChannel['dispatchMessage'] =>
    function dispatchMessage(this: BaseChannel, fields, message) {
      const deliver = () => original.call(this, fields, message);
      // Null says that the broker has cancelled the consumer.
      if (!observation.isActive() || !message) return deliver();
      const started = tryStart(() => {
        const consumer = this.consumers.get(fields.consumerTag) as
          | { [consumption]?: Consumption }
          | undefined;
        if (!consumer) return undefined;
        const consumed = consumer[consumption];
        const operation = startProcess(observation, this, message, consumed?.queue);
        const tag = message.fields.deliveryTag;
        // Whether a consumer of before acknowledges its messages is not known: its messages end with the handler.
        const isAwaited = consumed !== undefined && !consumed.noAck && typeof tag === 'number';
        return { operation, delivery: isAwaited ? open.open(this, tag, operation) : undefined };
      });
      if (!started) return deliver();
      const { operation, delivery } = started;
      return followCall(
        () => operation.run(deliver),
        () => (delivery ? delivery.handled() : operation.end()),
        (error) => (delivery ?? operation).end({ error }),
      );
    };
}

/** Starts processing a message that a queue has delivered. */
export function startProcess(
  observation: Observation,
  channel: AmqpChannel,
  message: DeliveredMessage,
  queue: string | undefined,
  counted = false,
): StartedMessagingOperation {
  const { content, fields, properties } = message;
  const { exchange = '', routingKey = '', deliveryTag } = fields;
  const destination = { exchange, routingKey, queue: typeof queue === 'string' ? queue : undefined };
  const attributes = attributesOf(channel, {
    ...destination,
    content,
    correlationId: properties?.correlationId,
  });
  if (typeof deliveryTag === 'number') attributes['messaging.rabbitmq.message.delivery_tag'] = deliveryTag;
  return observation.messaging.startProcess(
    {
      system,
      destination: destinationOf(observation, destination),
      headers: properties?.headers ?? undefined,
      messageId: textOrNothing(properties?.messageId),
      timestampMillis: sentMillisOf(message),
      attributes,
      logFields: {
        queue: destination.queue ?? routingKey,
        ...(exchange === '' ? {} : { exchange, routing_key: routingKey }),
      },
    },
    { relation: observation.relation, counted },
  );
}

/** The answers to the broker. A message that is not acknowledged was not processed. */
export function observeAnswers(open: OpenDeliveries) {
  const all = Number.POSITIVE_INFINITY;
  const tagOf = (message: DeliveredMessage) => message.fields.deliveryTag ?? Number.NaN;
  return {
    ack: (original: AmqpChannel['ack']): AmqpChannel['ack'] =>
      function ack(this: AmqpChannel, message, allUpTo, ...others: []) {
        const result = original.call(this, message, allUpTo, ...others);
        tryStart(() => open.settle(this, tagOf(message), Boolean(allUpTo), {}));
        return result;
      },
    nack: (original: AmqpChannel['nack']): AmqpChannel['nack'] =>
      function nack(this: AmqpChannel, message, allUpTo, requeue, ...others: []) {
        const result = original.call(this, message, allUpTo, requeue, ...others);
        tryStart(() => open.settle(this, tagOf(message), Boolean(allUpTo), outcomeOf(nacked, requeue)));
        return result;
      },
    reject: (original: AmqpChannel['reject']): AmqpChannel['reject'] =>
      function reject(this: AmqpChannel, message, requeue, ...others: []) {
        const result = original.call(this, message, requeue, ...others);
        tryStart(() => open.settle(this, tagOf(message), false, outcomeOf(rejected, requeue)));
        return result;
      },
    ackAll: (original: AmqpChannel['ackAll']): AmqpChannel['ackAll'] =>
      function ackAll(this: AmqpChannel, ...others: []) {
        const result = original.apply(this, others);
        tryStart(() => open.settle(this, all, true, {}));
        return result;
      },
    nackAll: (original: AmqpChannel['nackAll']): AmqpChannel['nackAll'] =>
      function nackAll(this: AmqpChannel, requeue, ...others: []) {
        const result = original.call(this, requeue, ...others);
        tryStart(() => open.settle(this, all, true, outcomeOf(nacked, requeue)));
        return result;
      },
  };
}

/** Without a word about it, amqplib sends a message back to its queue. */
function outcomeOf(kind: typeof nacked, requeue: boolean | undefined) {
  return requeue === undefined || requeue ? kind.requeued : kind.dropped;
}
