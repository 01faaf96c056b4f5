import type { ClientSetup } from '../db-plugin.js';
import { patchConnection } from './patch-connection.js';
import { patchGivenClient } from './patch-given-client.js';
import { patchPool } from './patch-pool.js';

const driver = { name: 'mongodb', supportedVersions: ['>=5.0.0 <8'] };

/** Commands and connection pools of the MongoDB driver 5 to 7, and of what is built on it, such as Mongoose. */
export const setUpMongodb: ClientSetup = (context) => {
  context.patchModule({
    ...driver,
    file: 'lib/cmap/connection.js',
    patch: (moduleExports) => patchConnection(prototypeOf(moduleExports, 'Connection'), context),
  });
  context.patchModule({
    ...driver,
    file: 'lib/cmap/connection_pool.js',
    patch: (moduleExports) => patchPool(prototypeOf(moduleExports, 'ConnectionPool'), context),
  });
  if (context.modules?.mongodb !== undefined) {
    context.patchModule(
      // No version: the copies in the module cache are patched above.
      {
        name: 'mongodb',
        supportedVersions: [],
        patch: (moduleExports) => patchGivenClient(moduleExports, context),
      },
      context.modules,
    );
  }
  return undefined;
};

function prototypeOf(moduleExports: unknown, name: string): object {
  const Class = (moduleExports as Record<string, { prototype?: object } | undefined>)[name];
  if (!Class?.prototype) throw new Error(`it has no class ${name}`);
  return Class.prototype;
}
