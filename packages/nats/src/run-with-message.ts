import type { Message } from './internals.js';
import type { Observation } from './observation.js';
import { runProcess, type Source } from './process.js';

interface Receiving {
  observation: Observation | undefined;
  /** Where the messages came from that are counted as consumed. */
  readonly sources: WeakMap<object, Source>;
}

/** On globalThis, because a service may load this package as an ES module and as CommonJS. */
const key = Symbol.for('throughline.nats.receiving.1');
const holder = globalThis as { [key]?: Receiving };

export function useObservation(observation: Observation): () => void {
  const receiving: Receiving = holder[key] ?? { observation, sources: new WeakMap() };
  receiving.observation = observation;
  holder[key] = receiving;
  return () => {
    if (receiving.observation === observation) receiving.observation = undefined;
  };
}

export function rememberSource(message: object, source: Source): void {
  holder[key]?.sources.set(message, source);
}

/**
 * Runs a handler in the context of a message that came from an iterator, from `fetch` or from `next`. The handler continues
 * the producer's trace, and a span `process <destination>` records its duration and its error. A message that a callback
 * gets needs no such call.
 *
 * @param message a message of NATS or JetStream
 * @returns what the handler returns
 *
 * @example
 * import { runWithMessage } from '@throughline/nats';
 *
 * for await (const message of connection.subscribe('orders.*')) {
 *   await runWithMessage(message, () => store(message.data));
 * }
 */
export function runWithMessage<M extends object, T>(message: M, handler: (message: M) => T): T {
  const receiving = holder[key];
  if (!receiving?.observation?.isActive()) return handler(message);
  const source = receiving.sources.get(message);
  return runProcess(
    receiving.observation,
    message as unknown as Message,
    source ?? {},
    () => handler(message),
    source !== undefined,
  );
}
