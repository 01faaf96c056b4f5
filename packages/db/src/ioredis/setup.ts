import type { DatabaseClientSetup } from '../client/client-context.js';
import { createRedisOperations } from '../redis/operations.js';
import { patchClient } from './patch-client.js';

/** Commands, pipelines and transactions of ioredis 5 and 6, and of its clusters. */
export const setUpIoredis: DatabaseClientSetup = (context) => {
  const operations = createRedisOperations(context);
  context.patchModule(
    {
      name: 'ioredis',
      supportedVersions: ['>=5.0.0 <7'],
      patch: (moduleExports) => patchClient(moduleExports, operations),
    },
    context.modules,
  );
  return undefined;
};
