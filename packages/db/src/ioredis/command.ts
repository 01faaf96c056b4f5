import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import { redisFailure } from '../redis/outcome.js';
import { type IoredisCommand, observed } from './internals.js';

/**
 * Ends the operation when ioredis settles the command. Its promise is left alone: a handler on it would hide
 * unhandled rejections.
 */
export function observeCommand(command: IoredisCommand, operation: StartedDatabaseOperation): void {
  command[observed] = operation;
  const { resolve, reject } = command;
  command.resolve = (value) => {
    // May fail to convert the reply, and reject.
    const result = resolve.call(command, value);
    operation.end();
    return result;
  };
  command.reject = (error) => {
    operation.end(redisFailure(error));
    return reject.call(command, error);
  };
}
