import { exported, isThenable, patchOnce, tryStart } from '@throughline/core/plugin';
import type { AmqpChannel } from './internals.js';
import { patchClassesOf, type Recording } from './patch-channels.js';

/*
 * In a bundle, the classes of channels cannot be found: amqplib exports `connect` alone. They are taken from the first
 * channel of each kind that a new connection makes.
 */

type Call = (this: unknown, ...args: unknown[]) => unknown;
type Connection = Partial<Record<'createChannel' | 'createConfirmChannel', Call>>;
type See = (made: unknown) => void;

export function patchConnect(moduleExports: unknown, recording: Recording): () => void {
  // The exports themselves: a namespace cannot be changed.
  const inner = (moduleExports as { default?: unknown } | null | undefined)?.default;
  const owner = exported(inner, 'connect') === undefined ? moduleExports : inner;
  if (typeof exported(owner, 'connect') !== 'function') throw new Error("it has no function 'connect'");
  return patchOnce(owner as object, 'rabbitmq', (patch) => {
    const seeChannel: See = (channel) => {
      if (patch.active) patch.onUndo(patchClassesOf(channel as AmqpChannel, recording));
    };
    const seeConnection: See = (made) => {
      const connection = made as Connection;
      for (const name of ['createChannel', 'createConfirmChannel'] as const) {
        const original = connection[name];
        if (typeof original === 'function') connection[name] = withResult(original, seeChannel);
      }
    };
    patch.replace(owner as { connect: Call }, 'connect', (original) => {
      const connect = withResult(original, seeConnection);
      return function connectObserved(this: unknown, ...args) {
        return connect.apply(
          this,
          args.map((arg) => withSetup(arg, seeConnection)),
        );
      };
    });
  });
}

/** A function that shows what it makes: returned, as a promise, or given to a callback. */
function withResult(original: Call, see: See): Call {
  const show: See = (made) => {
    if (typeof made === 'object' && made !== null) tryStart(() => see(made));
  };
  return function observed(this: unknown, ...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      args[args.length - 1] = function called(this: unknown, error: unknown, made: unknown) {
        show(made);
        return callback.call(this, error, made);
      };
    }
    const made = original.apply(this, args);
    if (!isThenable(made)) {
      show(made);
      return made;
    }
    return made.then((value) => {
      show(value);
      return value;
    });
  };
}

/** With `recovery`, amqplib gives each new connection to a function of the service first. */
function withSetup(options: unknown, see: See): unknown {
  const { recovery } = (options ?? {}) as { recovery?: { setup?: unknown } };
  const setup = recovery?.setup;
  if (typeof options !== 'object' || typeof setup !== 'function') return options;
  const show = (connection: unknown) => tryStart(() => see(connection));
  // amqplib looks at how many arguments it takes.
  const observed: Call =
    setup.length >= 2
      ? function observed(connection, done) {
          show(connection);
          return setup.call(this, connection, done);
        }
      : function observed(connection) {
          show(connection);
          return setup.call(this, connection);
        };
  return { ...options, recovery: { ...recovery, setup: observed } };
}
