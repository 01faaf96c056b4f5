import type { KafkaClientSetup } from '../client/client-context.js';
import { patchClient } from './patch-client.js';
import { patchEarlierConsumers, patchEarlierProducers } from './patch-earlier-clients.js';

const supportedVersions = ['>=2.0.0 <3'];

/** Producers, transactions and consumers of kafkajs 2, those made before init included. */
export const setUpKafkajs: KafkaClientSetup = (context) => {
  const { patchModule, modules } = context;
  patchModule(
    {
      name: 'kafkajs',
      supportedVersions: [...supportedVersions, '*'],
      patch: (moduleExports) => patchClient(moduleExports, context),
    },
    modules,
  );
  patchModule({
    name: 'kafkajs',
    file: 'src/consumer/runner.js',
    supportedVersions,
    patch: (moduleExports) => patchEarlierConsumers(moduleExports, context),
  });
  patchModule({
    name: 'kafkajs',
    file: 'src/broker/index.js',
    supportedVersions,
    patch: (moduleExports) => patchEarlierProducers(moduleExports, context),
  });
  return undefined;
};
