import { AsyncResource } from 'node:async_hooks';
import type { StartedDatabaseOperation } from '@throughline/core/plugin';
import type { ClientContext } from '../db-plugin.js';
import { type Method, type PatchState, patchOnce, replaceMethod } from '../patch-once.js';
import type { QueryTextOptions } from '../query-text-options.js';
import { MongodbOperation } from './command-operation.js';
import {
  commandName,
  type MongodbCommand,
  type MongodbConnection,
  type MongodbNamespace,
  type MongodbReply,
} from './mongodb-internals.js';
import { mongodbFailure, outcomeOf } from './outcome.js';

/** What the driver sends to find, watch and leave its servers. */
const own = new Set(
  'hello ismaster isMaster ping saslStart saslContinue authenticate getnonce endSessions'.split(' '),
);

/**
 * Patches the class behind every connection of the driver: all commands but those that watch servers go through
 * its `command`, with a callback until version 6.2.
 *
 * The driver's own command monitoring has to be switched on when a client is made.
 *
 * @returns takes the patch back
 */
export function patchConnection(prototype: object, context: ClientContext): () => void {
  return patchOnce(prototype, (state, restores) => {
    restores.push(
      replaceMethod(prototype, 'command', (original) => commandObserved(original, state, context)),
    );
  });
}

function commandObserved(original: Method, state: PatchState, context: ClientContext): Method {
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
    const name = state.active ? commandName(sent) : '';
    if (name === '' || own.has(name)) return original.call(this, namespace, sent, options, last);
    const { host, port } = addressOf(this);
    const operation = databases.start(
      new MongodbOperation(name, namespace?.db, host, port, sent, textOptions),
      startOptions,
    );
    // Since version 6.7 it may be a class for the reply.
    if (typeof last === 'function' && !('make' in last)) {
      return original.call(this, namespace, sent, options, endingCallback(name, operation, last as Callback));
    }
    return endWith(name, operation, original.call(this, namespace, sent, options, last));
  };
}

type Callback = (error: unknown, reply?: MongodbReply) => unknown;

/** The driver goes on in the callback: it stays in the caller's context, which the socket does not know. */
function endingCallback(name: string, operation: StartedDatabaseOperation, callback: Callback): Callback {
  return AsyncResource.bind((error: unknown, reply?: MongodbReply) => {
    operation.end(error ? mongodbFailure(error) : outcomeOf(name, reply));
    return callback(error, reply);
  });
}

async function endWith(
  name: string,
  operation: StartedDatabaseOperation,
  replying: Promise<MongodbReply>,
): Promise<MongodbReply> {
  try {
    const reply = await replying;
    operation.end(outcomeOf(name, reply));
    return reply;
  } catch (error) {
    operation.end(mongodbFailure(error));
    throw error;
  }
}

interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

const addresses = new WeakMap<MongodbConnection, Address>();

/** `host:port` in parts, once for each connection. */
function addressOf(connection: MongodbConnection): Address {
  const known = addresses.get(connection);
  if (known) return known;
  const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(connection.address ?? '') ?? [];
  const address = { host: host || undefined, port: port === undefined ? undefined : Number(port) };
  addresses.set(connection, address);
  return address;
}
