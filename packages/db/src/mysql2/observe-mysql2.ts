import type { ClientSetup } from '../db-plugin.js';
import {
  findConnectionPrototype,
  findPoolPrototype,
  findPrototypes,
  type MySqlConnection,
  type MySqlPool,
} from './mysql2-internals.js';
import { createMySqlPatch } from './mysql2-patch.js';
import { observeConnection } from './observed-connection.js';
import { observePool } from './observed-pool.js';

/** Kept on a patched prototype, so that no second plugin or copy of this package patches it again. */
const patched = Symbol.for('throughline.mysql2.patched');
const supportedVersions = ['>=3.0.0 <4'];

/**
 * mysql2 3, by patches of our own rather than its diagnostics channels (3.20 and newer): those give the text with the
 * values in it, which no cache can keep; they cannot keep the caller's context for callbacks; and a subscriber adds an
 * `error` listener to queries without a callback, so that an error that would end the process goes unseen.
 */
export const observeMySql2: ClientSetup = (context) => {
  const patch = createMySqlPatch(context);
  const once = <P extends object>(prototype: P, observe: () => () => void) => {
    if (Object.hasOwn(prototype, patched)) return () => {};
    const restore = observe();
    Object.defineProperty(prototype, patched, { value: true, configurable: true });
    return () => {
      Reflect.deleteProperty(prototype, patched);
      restore();
    };
  };
  const patchConnection = (prototype: MySqlConnection) =>
    once(prototype, () => observeConnection(prototype, patch));
  const patchPool = (prototype: MySqlPool) => once(prototype, () => observePool(prototype, patch));

  // `mysql2/promise` loads these without the main file.
  context.patchModule({
    name: 'mysql2',
    file: 'lib/connection.js',
    supportedVersions,
    patch: (Connection) => patchConnection(findConnectionPrototype(Connection)),
  });
  context.patchModule({
    name: 'mysql2',
    file: 'lib/pool.js',
    supportedVersions,
    patch: (Pool) => patchPool(findPoolPrototype(Pool)),
  });
  const { modules } = context;
  if (modules?.mysql2 !== undefined) {
    context.patchModule(
      {
        name: 'mysql2',
        supportedVersions,
        patch(moduleExports) {
          const { connection, pool } = findPrototypes(moduleExports);
          const restores = [patchConnection(connection), patchPool(pool)];
          return () => {
            for (const restore of restores.reverse()) restore();
          };
        },
      },
      { mysql2: modules.mysql2 },
    );
  }
  return () => {
    patch.active = false;
  };
};
