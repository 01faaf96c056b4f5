import { AsyncResource } from 'node:async_hooks';
import {
  followCall,
  type Method,
  type Patch,
  patchOnce,
  type StartedDatabaseOperation,
} from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import type { QueryTextOptions } from '../client/query-text-options.js';
import { addressOf } from './address.js';
import {
  commandName,
  type MongodbCommand,
  type MongodbConnection,
  type MongodbNamespace,
  type MongodbReply,
} from './internals.js';
import { MongodbOperation } from './operations.js';
import { mongodbFailure, outcomeOf } from './outcome.js';

/** What the driver sends to find, watch and leave its servers. */
const internalCommands = new Set(
  'hello ismaster isMaster ping saslStart saslContinue authenticate getnonce endSessions'.split(' '),
);

/**
 * Patches the class behind every connection of the driver: all commands but those that watch servers go through
 * its `command`, with a callback until version 6.2.
 *
 * The driver's own command monitoring has to be switched on when a client is made.
 *
 * @returns removes the patch
 */
export function patchClient(prototype: object, context: DatabaseClientContext): () => void {
  return patchOnce(prototype, 'db', (patch) =>
    patch.replace(prototype, 'command', (original) => commandObserved(original, patch, context)),
  );
}

function commandObserved(original: Method, patch: Patch, context: DatabaseClientContext): Method {
  const { databases, queryText, maxQueryTextLength, rootSpans } = context;
  const textOptions: QueryTextOptions = { queryText, maxQueryTextLength };
  const startOptions = { rootSpan: rootSpans };
  return function command(
    this: MongodbConnection,
    namespace: MongodbNamespace,
    sent: MongodbCommand,
    options: unknown,
    last: unknown,
  ) {
    const name = patch.active ? commandName(sent) : '';
    if (name === '' || internalCommands.has(name)) return original.call(this, namespace, sent, options, last);
    const { host, port } = addressOf(this);
    const operation = databases.start(
      new MongodbOperation(name, namespace?.db, host, port, sent, textOptions),
      startOptions,
    );
    // Since version 6.7 it may be a class for the reply.
    if (typeof last === 'function' && !('make' in last)) {
      return original.call(
        this,
        namespace,
        sent,
        options,
        endingCallback(name, operation, last as CommandCallback),
      );
    }
    return followCall(
      () => original.call(this, namespace, sent, options, last) as Promise<MongodbReply>,
      (reply) => operation.end(outcomeOf(name, reply)),
      (error) => operation.end(mongodbFailure(error)),
    );
  };
}

type CommandCallback = (error: unknown, reply?: MongodbReply) => unknown;

/** The driver continues in the callback. It runs in the caller's context, which the socket does not have. */
function endingCallback(
  name: string,
  operation: StartedDatabaseOperation,
  callback: CommandCallback,
): CommandCallback {
  return AsyncResource.bind((error: unknown, reply?: MongodbReply) => {
    operation.end(error ? mongodbFailure(error) : outcomeOf(name, reply));
    return callback(error, reply);
  });
}
