import { exportedPrototype } from '@throughline/core/plugin';
import type { DatabaseClientSetup } from '../client/client-context.js';
import { patchBundledClient } from './patch-bundled-client.js';
import { patchClient } from './patch-client.js';
import { patchPool } from './patch-pool.js';
import { patchTopology } from './patch-topology.js';

const driver = { name: 'mongodb', supportedVersions: ['>=5.0.0 <8'] };

/** Commands and connection pools of the MongoDB driver 5 to 7, and of what is built on it, such as Mongoose. */
export const setUpMongodb: DatabaseClientSetup = (context) => {
  context.patchModule({
    ...driver,
    file: 'lib/cmap/connection.js',
    patch: (moduleExports) => patchClient(exportedPrototype(moduleExports, 'Connection'), context),
  });
  context.patchModule({
    ...driver,
    file: 'lib/cmap/connection_pool.js',
    patch: (moduleExports) => patchPool(exportedPrototype(moduleExports, 'ConnectionPool'), context),
  });
  context.patchModule({
    ...driver,
    file: 'lib/sdam/topology.js',
    patch: (moduleExports) => patchTopology(exportedPrototype(moduleExports, 'Topology'), context),
  });
  if (context.modules?.mongodb !== undefined) {
    context.patchModule(
      // No version: the copies in the module cache are patched above.
      {
        name: 'mongodb',
        supportedVersions: [],
        patch: (moduleExports) => patchBundledClient(moduleExports, context),
      },
      context.modules,
    );
  }
  return undefined;
};
