import { exported, exportedPrototype, patchOnce } from '@throughline/core/plugin';
import type { DatabaseClientContext } from '../client/client-context.js';
import type { MongodbConnection } from './internals.js';
import { patchClient } from './patch-client.js';
import { patchPool } from './patch-pool.js';

interface MongoServer {
  readonly pool?: object;
  /** In the first versions 5. */
  readonly s?: { readonly pool?: object };
}

interface MongoClient {
  readonly topology?: {
    readonly s?: { readonly servers?: ReadonlyMap<string, MongoServer> };
  };
}

/**
 * Bundled: the package hides the classes of connections and pools. A client that has connected leads to the pools of
 * its servers, and a pool to its connections.
 *
 * @param moduleExports the module, a namespace with `default`, or MongoClient itself
 * @returns removes the patches
 */
export function patchBundledClient(moduleExports: unknown, context: DatabaseClientContext): () => void {
  const undos: (() => void)[] = [];
  let hasConnection = false;
  const onConnection = (connection: MongodbConnection) => {
    if (hasConnection) return;
    hasConnection = true;
    undos.push(patchClient(owner(connection, 'command'), context));
  };
  const followServers = ({ topology }: MongoClient) => {
    for (const server of topology?.s?.servers?.values() ?? []) {
      const pool = server.pool ?? server.s?.pool;
      if (pool && undos.length === 0) undos.push(patchPool(owner(pool, 'checkOut'), context, onConnection));
    }
  };
  const prototype = clientPrototype(moduleExports);
  const undoClient = patchOnce(prototype, 'db', (patch) => {
    patch.replace(
      prototype,
      'connect',
      (original) =>
        async function connect(this: MongoClient, ...args: unknown[]) {
          const result = await original.apply(this, args);
          if (patch.active) followServers(this);
          return result;
        },
    );
    // For a client that is connected already.
    patch.replace(
      prototype,
      'db',
      (original) =>
        function db(this: MongoClient, ...args: unknown[]) {
          if (patch.active && undos.length === 0) followServers(this);
          return original.apply(this, args);
        },
    );
  });
  return () => {
    undoClient();
    for (const undo of undos.splice(0).reverse()) undo();
  };
}

function clientPrototype(moduleExports: unknown): object {
  // The class itself may be handed over.
  return exported(moduleExports, 'MongoClient') === undefined
    ? exportedPrototype({ MongoClient: moduleExports }, 'MongoClient')
    : exportedPrototype(moduleExports, 'MongoClient');
}

/** The class that declares a method, and not one that extends it. */
function owner(instance: object, method: string): object {
  let declaring: object | undefined;
  for (
    let prototype = Object.getPrototypeOf(instance);
    prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    if (Object.hasOwn(prototype, method)) declaring = prototype;
  }
  if (!declaring) throw new Error(`it has no '${method}'`);
  return declaring;
}
