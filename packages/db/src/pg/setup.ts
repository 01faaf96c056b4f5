import { isPatched } from '@throughline/core/plugin';
import type { DatabaseClientSetup } from '../client/client-context.js';
import {
  findNativePrototype,
  findPoolPrototype,
  findPrototypes,
  isJavaScriptClient,
  nativeClientFile,
  type PgClient,
} from './internals.js';
import { createPgOperations } from './operations.js';
import { patchClient } from './patch-client.js';
import { patchPool } from './patch-pool.js';

/**
 * pg 8, by patches of our own: they cost less than the stock instrumentation, and callbacks keep their caller's
 * context. Clients and pools may be made before: the patches are on the prototypes.
 */
export const setUpPg: DatabaseClientSetup = (context) => {
  const operations = createPgOperations(context);
  const isObserved = (client: PgClient) => isPatched(client, 'db', { inherited: true });

  context.patchModule(
    {
      name: 'pg',
      supportedVersions: ['>=8.0.0 <9'],
      patch(moduleExports) {
        const { client, pool } = findPrototypes(moduleExports);
        if (!isJavaScriptClient(client)) return undefined;
        const restoreClient = patchClient(client, operations);
        const restorePool = patchPool(pool, operations, isObserved);
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
      name: 'pg',
      file: nativeClientFile,
      supportedVersions: ['>=8.0.0 <9'],
      patch: (moduleExports) => patchClient(findNativePrototype(moduleExports), operations),
    },
    context.modules,
  );
  context.patchModule(
    {
      name: 'pg-pool',
      supportedVersions: ['>=3.0.0 <4'],
      patch: (moduleExports) => patchPool(findPoolPrototype(moduleExports), operations, isObserved),
    },
    context.modules,
  );
  return undefined;
};
