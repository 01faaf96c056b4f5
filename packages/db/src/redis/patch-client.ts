import { type Method, type Patch, patchOnce } from '@throughline/core/plugin';
import { batchedCommands } from './batched-commands.js';
import { nameOf, type RedisArguments, type RedisClient, rememberDatabase, targetOf } from './internals.js';
import { isNavigation, type RedisOperations } from './operations.js';
import { endWithReply, errorInReplies } from './outcome.js';

/**
 * Patches the class behind every client, pool and cluster of node-redis 5 and 6, existing or not yet made: all
 * commands go through `sendCommand`, whichever class was made for them. What a client sends to set up its
 * connection does not.
 *
 * Version 6 has diagnostics channels. They are one event per command of a pipeline too, and the arguments come
 * already chosen: all those of EVAL and CONFIG are shown.
 *
 * @returns removes the patches
 */
export function patchClient(prototype: object, operations: RedisOperations): () => void {
  return patchOnce(prototype, 'db', (patch) => {
    patch.replace(prototype, 'sendCommand', (original) => sendObserved(original, patch, operations));
    patch.replace(prototype, '_executeMulti', (original) =>
      executeObserved('MULTI', original, patch, operations),
    );
    patch.replace(prototype, '_executePipeline', (original) =>
      executeObserved('PIPELINE', original, patch, operations),
    );
  });
}

function sendObserved(original: Method, patch: Patch, operations: RedisOperations): Method {
  return function sendCommand(this: RedisClient, args: RedisArguments, options: unknown) {
    const name = patch.active ? nameOf(args) : undefined;
    if (name === undefined || isNavigation(name, args[1])) return original.call(this, args, options);
    const operation = operations.startCommand(name, args, 1, targetOf(this));
    const reply = endWithReply(operation, () => original.call(this, args, options));
    return name === 'SELECT' ? selecting(reply, this, args[1]) : reply;
  };
}

async function selecting(reply: unknown, client: RedisClient, database: unknown): Promise<unknown> {
  const result = await reply;
  rememberDatabase(client, database);
  return result;
}

function executeObserved(
  name: 'PIPELINE' | 'MULTI',
  original: Method,
  patch: Patch,
  operations: RedisOperations,
): Method {
  return function execute(
    this: RedisClient,
    commands: readonly { readonly args: RedisArguments }[],
    ...rest: readonly unknown[]
  ) {
    if (!patch.active || commands.length === 0) return original.call(this, commands, ...rest);
    const operation = operations.startBatch(name, batchedCommands(commands), targetOf(this));
    return endWithReply(operation, () => original.call(this, commands, ...rest), errorInReplies);
  };
}
