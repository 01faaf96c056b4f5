import { exportedPrototype, patchOnce } from '@throughline/core/plugin';
import { rememberContext } from './publishers-context.js';

type Publish = (this: unknown, ...args: unknown[]) => unknown;

interface ChannelWrapper {
  publish: Publish;
  sendToQueue: Publish;
}

/** `ChannelWrapper` of amqp-connection-manager, which keeps messages while there is no connection. */
export function patchChannelWrapper(prototype: object): () => void {
  return patchOnce(prototype, 'rabbitmq', (patch) => {
    const wrapper = prototype as ChannelWrapper;
    const withContext =
      (optionsAt: number) =>
      (original: Publish): Publish =>
        function publish(...args) {
          if (patch.active) args[optionsAt] = rememberContext(args[optionsAt]);
          return original.apply(this, args);
        };
    patch.replace(wrapper, 'publish', withContext(3));
    patch.replace(wrapper, 'sendToQueue', withContext(2));
  });
}

/** The main file does not export the class. It is taken from the first channel that is made. */
export function patchConnectionManager(moduleExports: unknown): () => void {
  const prototype = exportedPrototype(moduleExports, 'AmqpConnectionManagerClass') as {
    createChannel(...args: unknown[]): object;
  };
  return patchOnce(prototype, 'rabbitmq', (patch) => {
    patch.replace(
      prototype,
      'createChannel',
      (original) =>
        function createChannel(this: unknown, ...args) {
          const made = original.apply(this as typeof prototype, args);
          if (patch.active) patch.onUndo(patchChannelWrapper(Object.getPrototypeOf(made)));
          return made;
        },
    );
  });
}
