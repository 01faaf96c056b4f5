import type { ClientContext } from '../db-plugin.js';
import { patchOnce, replaceMethod } from '../patch-once.js';
import type { MongodbConnection } from './mongodb-internals.js';
import { patchConnection } from './patch-connection.js';
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
 * @returns takes the patches back
 */
export function patchGivenClient(moduleExports: unknown, context: ClientContext): () => void {
  const undos: (() => void)[] = [];
  let hasConnection = false;
  const onConnection = (connection: MongodbConnection) => {
    if (hasConnection) return;
    hasConnection = true;
    undos.push(patchConnection(owner(connection, 'command'), context));
  };
  const followServers = ({ topology }: MongoClient) => {
    for (const server of topology?.s?.servers?.values() ?? []) {
      const pool = server.pool ?? server.s?.pool;
      if (pool && undos.length === 0) undos.push(patchPool(owner(pool, 'checkOut'), context, onConnection));
    }
  };
  const undoClient = patchOnce(clientPrototype(moduleExports), (state, restores) => {
    const prototype = clientPrototype(moduleExports);
    restores.push(
      replaceMethod(
        prototype,
        'connect',
        (original) =>
          async function connect(this: MongoClient, ...args: unknown[]) {
            const result = await original.apply(this, args);
            if (state.active) followServers(this);
            return result;
          },
      ),
      // For a client that is connected already.
      replaceMethod(
        prototype,
        'db',
        (original) =>
          function db(this: MongoClient, ...args: unknown[]) {
            if (state.active && undos.length === 0) followServers(this);
            return original.apply(this, args);
          },
      ),
    );
  });
  return () => {
    undoClient();
    for (const undo of undos.splice(0).reverse()) undo();
  };
}

function clientPrototype(moduleExports: unknown): object {
  for (const candidate of [moduleExports, (moduleExports as { default?: unknown } | undefined)?.default]) {
    const { MongoClient, prototype } = (candidate ?? {}) as {
      MongoClient?: { prototype?: object };
      prototype?: object;
    };
    if (MongoClient?.prototype) return MongoClient.prototype;
    if (prototype && 'connect' in prototype) return prototype;
  }
  throw new Error('it has no MongoClient');
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
