import type { KafkaClientSetup } from '../client/client-context.js';
import { patchClient } from './patch-client.js';

/** node-rdkafka 3: producers, consumers and their streams. */
export const setUpNodeRdkafka: KafkaClientSetup = (context) => {
  context.patchModule(
    {
      name: 'node-rdkafka',
      supportedVersions: ['>=3.0.0 <4', '*'],
      patch: (moduleExports) => patchClient(moduleExports, context),
    },
    context.modules,
  );
  return undefined;
};
