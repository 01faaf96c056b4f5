import type { ClientSetup } from '../db-plugin.js';
import { observeClient } from './observed-client.js';
import { observePool } from './observed-pool.js';
import {
  findPoolPrototype,
  findPrototypes,
  isJavaScriptClient,
  type PgClient,
  type PgPool,
} from './pg-internals.js';
import { createPgPatch } from './pg-patch.js';

/** Kept on a patched prototype, so that no second plugin or copy of this package patches it again. */
const patched = Symbol.for('throughline.pg.patched');

/**
 * pg 8, by patches of our own: they cost less than the stock instrumentation, and callbacks keep their caller's
 * context. Clients and pools may be made before: the patches are on the prototypes.
 */
export const observePg: ClientSetup = (context) => {
  const patch = createPgPatch(context);
  const isObserved = (client: PgClient) => patched in client;
  const once = <P extends object>(prototype: P, observe: () => () => void) => {
    if (Object.hasOwn(prototype, patched)) return () => {};
    const restore = observe();
    Object.defineProperty(prototype, patched, { value: true, configurable: true });
    return () => {
      Reflect.deleteProperty(prototype, patched);
      restore();
    };
  };
  const patchPool = (pool: PgPool) => once(pool, () => observePool(pool, patch, isObserved));

  context.patchModule(
    {
      name: 'pg',
      supportedVersions: ['>=8.0.0 <9'],
      patch(moduleExports) {
        const { client, pool } = findPrototypes(moduleExports);
        if (!isJavaScriptClient(client)) return undefined;
        const restoreClient = once(client, () => observeClient(client, patch));
        const restorePool = patchPool(pool);
        return () => {
          restorePool();
          restoreClient();
        };
      },
    },
    context.modules,
  );
  context.patchModule(
    {
      name: 'pg-pool',
      supportedVersions: ['>=3.0.0 <4'],
      patch: (moduleExports) => patchPool(findPoolPrototype(moduleExports)),
    },
    context.modules,
  );
  return () => {
    patch.active = false;
  };
};
