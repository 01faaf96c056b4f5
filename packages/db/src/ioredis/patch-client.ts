import { type Method, type Patch, patchOnce } from '@throughline/core/plugin';
import { isNavigation, type RedisOperations } from '../redis/operations.js';
import type { RedisTarget } from '../redis/target.js';
import { observeCommand } from './command.js';
import { isClusterCommand, isConnectionCommand, turningReady } from './connection-commands.js';
import {
  findIoredisClasses,
  type IoredisClient,
  type IoredisCluster,
  type IoredisCommand,
  type IoredisPipeline,
  observed,
} from './internals.js';
import { observeAutoPipeline, observePipeline } from './pipeline.js';
import { targetOf, targetOfCluster } from './target.js';

/**
 * Patches the prototypes behind every client, cluster and pipeline of one copy of ioredis, existing or not yet made.
 *
 * ioredis has diagnostics channels since 5.11, but they begin when a command is written: a command that waits for a
 * connection is too short there and outside its caller's span, one that never gets a connection is missing, a
 * pipeline is one event per command, and the arguments come already chosen (all those of EVAL and CONFIG are shown).
 *
 * @returns removes the patches
 */
export function patchClient(moduleExports: unknown, operations: RedisOperations): () => void {
  const { redis, cluster, pipeline } = findIoredisClasses(moduleExports);
  return patchOnce(redis, 'db', (patch) => {
    const observeSent = (original: Method, isInternal: IsInternal, targetOfClient: TargetOf) =>
      sendObserved(original, patch, operations, isInternal, targetOfClient);
    patch.replace(redis, 'sendCommand', (original) => observeSent(original, isConnectionCommand, targetOf));
    patch.replace(cluster, 'sendCommand', (original) =>
      observeSent(original, isClusterCommand, targetOfCluster),
    );
    patch.replace(redis, 'setStatus', followStatus);
    patch.replace(pipeline, 'sendCommand', (original) => queueObserved(original, patch, operations));
    patch.replace(pipeline, 'exec', (original) => execObserved(original, patch, operations));
  });
}

type IsInternal = (client: IoredisClient, command: IoredisCommand) => boolean;
type TargetOf = (client: IoredisClient & IoredisCluster) => RedisTarget;

/** A command may come here again: from a cluster to its node, or once there is a connection. It counts the first time. */
function sendObserved(
  original: Method,
  patch: Patch,
  operations: RedisOperations,
  isInternal: IsInternal,
  targetOfClient: TargetOf,
): Method {
  return function sendCommand(
    this: IoredisClient & IoredisCluster,
    command: IoredisCommand,
    stream?: { isPipeline?: boolean },
    node?: unknown,
  ) {
    if (patch.active && command[observed] === undefined) {
      if (
        stream?.isPipeline === true ||
        isNavigation(command.name, command.args[0]) ||
        isInternal(this, command)
      ) {
        command[observed] = null;
      } else {
        observeCommand(command, operations.startCommand(command.name, command.args, 0, targetOfClient(this)));
      }
    }
    return original.call(this, command, stream, node);
  };
}

/** When a connection becomes ready, ioredis sends its own commands first, and notifies the service afterwards. */
function followStatus(original: Method): Method {
  return function setStatus(this: { [turningReady]?: boolean }, status: string, ...rest: readonly unknown[]) {
    if (status === 'ready') {
      this[turningReady] = true;
      process.nextTick(() => {
        this[turningReady] = false;
      });
    }
    return original.call(this, status, ...rest);
  };
}

/** Pipelines that ioredis makes by itself, from commands of several callers: each is an operation in its caller's span. */
const automatic = Symbol('throughline.ioredis.automatic');
/** A pipeline that has its operation: `exec` runs again for a transaction and after a redirection. */
const started = Symbol('throughline.ioredis.started');

type Pipeline = IoredisPipeline & { [automatic]?: boolean; [started]?: boolean };

function queueObserved(original: Method, patch: Patch, operations: RedisOperations): Method {
  return function sendCommand(this: Pipeline, command: IoredisCommand) {
    if (patch.active && this.redis.options.enableAutoPipelining === true && command[observed] === undefined) {
      this[automatic] ??= isAutomatic(this);
      if (this[automatic]) {
        observeCommand(command, operations.startCommand(command.name, command.args, 0, pipelineTarget(this)));
      }
    }
    return original.call(this, command);
  };
}

function isAutomatic(pipeline: Pipeline): boolean {
  for (const candidate of pipeline.redis._autoPipelines?.values() ?? []) {
    if (candidate === pipeline) return true;
  }
  return false;
}

function execObserved(original: Method, patch: Patch, operations: RedisOperations): Method {
  return function exec(this: Pipeline, ...args: unknown[]) {
    // With a transaction open, `exec` only adds EXEC to the queue.
    if (patch.active && !this[started] && this._transactions === 0 && this._queue.length > 0) {
      this[started] = true;
      if (this[automatic]) observeAutoPipeline(this);
      else observePipeline(this, operations, pipelineTarget(this));
    }
    return original.apply(this, args);
  };
}

function pipelineTarget({ isCluster, redis }: Pipeline): RedisTarget {
  return isCluster ? targetOfCluster(redis) : targetOf(redis);
}
