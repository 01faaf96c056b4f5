import type { ClientSetup } from '../db-plugin.js';
import { createRedisOperations } from '../redis/redis-operations.js';
import { patchIoredis } from './patch-ioredis.js';

/** Commands, pipelines and transactions of ioredis 5 and 6, and of its clusters. */
export const setUpIoredis: ClientSetup = (context) => {
  const operations = createRedisOperations(context);
  context.patchModule(
    {
      name: 'ioredis',
      supportedVersions: ['>=5.0.0 <7'],
      patch: (moduleExports) => patchIoredis(moduleExports, operations),
    },
    context.modules,
  );
  return undefined;
};
