import { followPromise, type Method, type Patch, patchOnce } from '@throughline/core/plugin';
import { batchedCommands } from './batched-commands.js';
import { nameOf, type RedisArguments, type RedisClient, rememberDatabase, targetOf } from './internals.js';
import { isNavigation, type RedisOperations } from './operations.js';
import { endWithReply, errorInReplies } from './outcome.js';
import { RedisTarget } from './target.js';

/**
 * In version 4 the commands of a client go through a private method to its queue. The queue does not know its
 * client, but is called before the method of the client returns: who called last is remembered in between.
 */
export interface CallerOfQueue {
  client: RedisClient | undefined;
  /** The commands that come now belong to a batch, which is observed as a whole. */
  isBatch: boolean;
}

const unknownTarget = new RedisTarget(undefined, undefined, undefined);

/** Patches the queue behind every client of node-redis 4, existing or not yet made. */
export function patchQueue4(
  prototype: object,
  operations: RedisOperations,
  caller: CallerOfQueue,
): () => void {
  return patchOnce(prototype, 'db', (patch) => {
    patch.replace(
      prototype,
      'addCommand',
      (original) =>
        function addCommand(
          this: unknown,
          args: RedisArguments,
          options: { readonly asap?: boolean } | undefined,
          // The first versions have one more.
          ...rest: unknown[]
        ) {
          const name = patch.active && !caller.isBatch ? nameOf(args) : undefined;
          // Only what sets up a connection goes before all the rest.
          if (name === undefined || options?.asap === true || isNavigation(name, args[1])) {
            return original.call(this, args, options, ...rest);
          }
          const { client } = caller;
          // Sent by a timer of the client's own.
          if (!client && name === 'PING') return original.call(this, args, options, ...rest);
          const operation = operations.startCommand(name, args, 1, client ? targetOf(client) : unknownTarget);
          const reply = endWithReply(operation, () => original.call(this, args, options, ...rest));
          if (client && name === 'SELECT') {
            return followPromise(
              reply as Promise<unknown>,
              () => rememberDatabase(client, args[1]),
              () => {},
            );
          }
          return reply;
        },
    );
  });
}

/** Patches the class behind every client of node-redis 4. */
export function patchClient4(
  prototype: object,
  operations: RedisOperations,
  caller: CallerOfQueue,
): () => void {
  return patchOnce(prototype, 'db', (patch) => {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value !== 'function' || name === 'constructor' || name === 'Multi') continue;
      patch.replace(prototype, name, (original) =>
        name === 'multiExecutor'
          ? executeObserved(original, patch, operations, caller)
          : rememberCaller(original, patch, caller),
      );
    }
  });
}

function rememberCaller(original: Method, patch: Patch, caller: CallerOfQueue): Method {
  return function command(this: RedisClient, ...args: unknown[]) {
    if (!patch.active) return original.apply(this, args);
    const before = caller.client;
    caller.client = this;
    try {
      return original.apply(this, args);
    } finally {
      caller.client = before;
    }
  };
}

function executeObserved(
  original: Method,
  patch: Patch,
  operations: RedisOperations,
  caller: CallerOfQueue,
): Method {
  return function multiExecutor(
    this: RedisClient,
    commands: readonly { readonly args: RedisArguments }[],
    // The database and the chain, before 1.5 the chain alone; only a transaction has one.
    ...rest: unknown[]
  ) {
    if (!patch.active || commands.length === 0) {
      return original.call(this, commands, ...rest);
    }
    const name = rest.some((argument) => typeof argument === 'symbol') ? 'MULTI' : 'PIPELINE';
    const operation = operations.startBatch(name, batchedCommands(commands), targetOf(this));
    caller.isBatch = true;
    try {
      return endWithReply(operation, () => original.call(this, commands, ...rest), errorInReplies);
    } finally {
      caller.isBatch = false;
    }
  };
}
