import { followCall, runInOperation, tryStart } from '@throughline/core/plugin';
import { startProcess } from './consume.js';
import type { AmqpChannel, DeliveredMessage } from './internals.js';
import { type Observation, system } from './observation.js';

interface Source {
  readonly channel: AmqpChannel;
  readonly queue: string;
}

interface Getting {
  readonly observation: Observation;
  /** Where the messages came from that `get` has returned. */
  readonly sources: WeakMap<object, Source>;
}

/** On globalThis, because a service may load this package as an ES module and as CommonJS. */
const key = Symbol.for('throughline.rabbitmq.getting.1');
const holder = globalThis as { [key]?: Getting | undefined };

export function useObservation(observation: Observation): () => void {
  const getting = { observation, sources: new WeakMap<object, Source>() };
  holder[key] = getting;
  return () => {
    if (holder[key] === getting) holder[key] = undefined;
  };
}

/** `get`, with a promise or a callback. */
export function observeGet({ messaging, isActive }: Observation) {
  return (original: AmqpChannel['get']): AmqpChannel['get'] =>
    function get(this: AmqpChannel, queue, options, ...others) {
      const poll =
        isActive() && typeof queue === 'string'
          ? tryStart(() => messaging.startReceive({ system, destination: queue }))
          : undefined;
      if (!poll) return original.call(this, queue, options, ...others);
      const received = (message: DeliveredMessage | false | undefined) => {
        if (!message) return poll.end({ count: 0 });
        poll.end({ count: 1, headers: [message.properties?.headers ?? undefined] });
        holder[key]?.sources.set(message, { channel: this, queue });
      };
      const [callback] = others;
      if (typeof callback !== 'function') {
        return followCall(
          () => original.call(this, queue, options, ...others),
          (message) => received(message as DeliveredMessage | false),
          (error) => poll.end({ error }),
        );
      }
      const observed = (error: unknown, message: DeliveredMessage | false) => {
        tryStart(() => (error === null || error === undefined ? received(message) : poll.end({ error })));
        return callback(error, message);
      };
      try {
        return original.call(this, queue, options, observed, ...others.slice(1));
      } catch (error) {
        poll.end({ error });
        throw error;
      }
    };
}

/**
 * Runs a handler in the context of a message that `channel.get` has returned. The handler continues the producer's trace,
 * and a span `process <destination>` records its duration and its error. A message that `consume` delivers needs no such
 * call.
 *
 * @param message what `channel.get` returned, if it was not `false`
 * @returns what the handler returns
 *
 * @example
 * import { runWithMessage } from '@throughline/rabbitmq';
 *
 * const message = await channel.get('orders');
 * if (message) {
 *   await runWithMessage(message, ({ content }) => store(content));
 *   channel.ack(message);
 * }
 */
export function runWithMessage<M extends object, T>(message: M, handler: (message: M) => T): T {
  const getting = holder[key];
  const source = getting?.sources.get(message);
  const started =
    getting && source
      ? tryStart(() =>
          startProcess(
            getting.observation,
            source.channel,
            message as unknown as DeliveredMessage,
            source.queue,
            true,
          ),
        )
      : undefined;
  return started ? runInOperation(started, () => handler(message)) : handler(message);
}
