import { AsyncResource } from 'node:async_hooks';
import { exported, exportedPrototype, followCall, patchOnce, tryStart } from '@throughline/core/plugin';
import type { SqsClient, SqsCommand } from './internals.js';
import type { Observation, Recording } from './observation.js';
import { observeReceive } from './receive.js';
import { useObservation } from './run-with-message.js';
import { type ObservedCommand, observeSend, observeSendBatch } from './send.js';

type Observe = (observation: Observation, input: object) => ObservedCommand | undefined;

const observers: Readonly<Record<string, Observe>> = {
  SendMessageCommand: observeSend,
  SendMessageBatchCommand: observeSendBatch,
  ReceiveMessageCommand: observeReceive,
};

/**
 * `send` of the class that all clients of SQS inherit from. It belongs to the SDK's base class, on which core records calls:
 * that span is below the one of the message.
 */
export function patchClient(moduleExports: unknown, recording: Recording): () => void {
  const prototype = exportedPrototype(moduleExports, 'SQSClient') as SqsClient;
  const classes = Object.entries(observers).map(([name, observe]) => ({
    name,
    observe,
    Class: exported(moduleExports, name),
  }));
  // A bundle changes the names of classes; a service may have the command from another copy of the package.
  const observerOf = (command: SqsCommand) =>
    classes.find(
      ({ name, Class }) =>
        (typeof Class === 'function' && command instanceof Class) || command?.constructor?.name === name,
    )?.observe;
  return patchOnce(prototype, 'sqs', (patch) => {
    const observation: Observation = { ...recording, isActive: () => patch.active };
    patch.onUndo(useObservation(observation));
    const inherits = !Object.hasOwn(prototype, 'send');
    patch.replace(
      prototype,
      'send',
      (original) =>
        function send(this: SqsClient, command, ...others) {
          // Core may patch the base class before or after this.
          const current = inherits ? (Object.getPrototypeOf(prototype) as SqsClient).send : original;
          const observed = patch.active
            ? tryStart(() => {
                const { input } = command;
                if (typeof input !== 'object' || input === null) return undefined;
                return observerOf(command)?.(observation, input);
              })
            : undefined;
          if (!observed) return current.call(this, command, ...others);
          return sendObserved(observed, command, others, (...args) => current.apply(this, args));
        },
    );
  });
}

function sendObserved(
  { operation, input, onOutput }: ObservedCommand,
  command: SqsCommand,
  others: readonly unknown[],
  send: SqsClient['send'],
): unknown {
  // The command of the service stays as it is: it may be sent again.
  const sent: SqsCommand = Object.create(command, {
    input: { value: input, enumerable: true, writable: true, configurable: true },
  });
  const succeed = (output: unknown) => operation.end(tryStart(() => onOutput(output)) ?? {});
  const fail = (error: unknown) => operation.end({ error });
  // send(command, callback) and send(command, options, callback)
  const at = others.findIndex((argument) => typeof argument === 'function');
  if (at < 0) return followCall(() => operation.run(() => send(sent, ...others)), succeed, fail);
  const callback = others[at] as (error: unknown, output: unknown) => unknown;
  const run = AsyncResource.bind(callback);
  const withCallback = others.with(at, (error: unknown, output: unknown) => {
    if (error) fail(error);
    else succeed(output);
    return run(error, output);
  });
  try {
    return operation.run(() => send(sent, ...withCallback));
  } catch (error) {
    fail(error);
    throw error;
  }
}
