import { redisCommand } from './command-table.js';
import { nameOf, type RedisArguments } from './internals.js';
import type { BatchedCommand } from './query-text.js';

/** The queue of a `multi()`, as the client's methods for batches take it. */
export function batchedCommands(
  commands: readonly { readonly args: RedisArguments }[],
): readonly BatchedCommand[] {
  const batched = commands.map(({ args }) => ({
    command: redisCommand(nameOf(args) ?? ''),
    args,
    offset: 1,
  }));
  // In the first versions they are in the queue too.
  return batched[0]?.command.name === 'MULTI' ? batched.slice(1, -1) : batched;
}
