import { AsyncResource } from 'node:async_hooks';

/*
 * amqp-connection-manager keeps messages until there is a connection, and sends them from a loop. The context in which
 * the service called it goes along with the options of the message.
 */

const key = Symbol.for('throughline.rabbitmq.publishers-context');

type WithContext = { readonly [key]?: AsyncResource } | null | undefined;

/** A copy of the options that remembers the context of now. */
export function rememberContext<O>(options: O): O {
  if (options !== undefined && options !== null && typeof options !== 'object') return options;
  return { ...options, [key]: new AsyncResource('throughline.rabbitmq.publish') } as O;
}

/** Runs a function in the context that was remembered, or else in the one of now. */
export function runInPublishersContext<T>(options: unknown, fn: () => T): T {
  const resource = (options as WithContext)?.[key];
  return resource instanceof AsyncResource ? resource.runInAsyncScope(fn) : fn();
}
