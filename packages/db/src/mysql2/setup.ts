import type { DatabaseClientSetup } from '../client/client-context.js';
import { findConnectionPrototype, findPoolPrototype, findPrototypes } from './internals.js';
import { createMySqlOperations } from './operations.js';
import { patchClient } from './patch-client.js';
import { patchPool } from './patch-pool.js';

const supportedVersions = ['>=3.0.0 <4'];

/**
 * mysql2 3, by patches of our own rather than its diagnostics channels (3.20 and newer): those give the text with the
 * values in it, which no cache can keep; they cannot keep the caller's context for callbacks; and a subscriber adds an
 * `error` listener to queries without a callback, so that an error that would end the process goes unseen.
 */
export const setUpMysql2: DatabaseClientSetup = (context) => {
  const operations = createMySqlOperations(context);

  // `mysql2/promise` loads these without the main file.
  context.patchModule({
    name: 'mysql2',
    file: 'lib/connection.js',
    supportedVersions,
    patch: (Connection) => patchClient(findConnectionPrototype(Connection), operations),
  });
  context.patchModule({
    name: 'mysql2',
    file: 'lib/pool.js',
    supportedVersions,
    patch: (Pool) => patchPool(findPoolPrototype(Pool), operations),
  });
  const { modules } = context;
  if (modules?.mysql2 !== undefined) {
    context.patchModule(
      {
        name: 'mysql2',
        supportedVersions,
        patch(moduleExports) {
          const { connection, pool } = findPrototypes(moduleExports);
          const restores = [patchClient(connection, operations), patchPool(pool, operations)];
          return () => {
            for (const restore of restores.reverse()) restore();
          };
        },
      },
      { mysql2: modules.mysql2 },
    );
  }
  return undefined;
};
