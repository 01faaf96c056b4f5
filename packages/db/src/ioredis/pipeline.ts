import { redisCommand } from '../redis/command-table.js';
import type { RedisOperations } from '../redis/operations.js';
import { redisFailure } from '../redis/outcome.js';
import type { RedisTarget } from '../redis/target.js';
import { type IoredisCommand, type IoredisPipeline, observed } from './internals.js';

/** Starts the one operation of a pipeline, or of a transaction, and ends it with the first error in its results. */
export function observePipeline(
  pipeline: IoredisPipeline,
  operations: RedisOperations,
  target: RedisTarget,
): void {
  const isTransaction = pipeline._queue[0]?.name === 'multi';
  const commands = pipeline._queue.filter(
    ({ name }) => !isTransaction || (name !== 'multi' && name !== 'exec'),
  );
  const operation = operations.startBatch(
    isTransaction ? 'MULTI' : 'PIPELINE',
    commands.map(({ name, args }) => ({ command: redisCommand(name), args, offset: 0 })),
    target,
  );
  const { resolve, reject } = pipeline;
  pipeline.resolve = (results) => {
    const error = firstError(results);
    operation.end(error === undefined ? undefined : redisFailure(error));
    return resolve.call(pipeline, results);
  };
  pipeline.reject = (error) => {
    operation.end(redisFailure(error));
    return reject.call(pipeline, error);
  };
}

/** Each command of an automatic pipeline has its own operation. If the whole pipeline fails, they never settle. */
export function observeAutoPipeline(pipeline: IoredisPipeline): void {
  const { reject } = pipeline;
  pipeline.reject = (error) => {
    for (const command of pipeline._queue as readonly IoredisCommand[]) {
      command[observed]?.end(redisFailure(error));
    }
    return reject.call(pipeline, error);
  };
}

/** In `[[error, reply], …]`. The reply of EXEC is a list that may contain errors. */
function firstError(results: unknown): unknown {
  if (!Array.isArray(results)) return undefined;
  for (const result of results) {
    if (!Array.isArray(result)) continue;
    if (result[0]) return result[0];
  }
  const last: unknown = results.at(-1)?.[1];
  return Array.isArray(last) ? last.find((reply) => reply instanceof Error) : undefined;
}
