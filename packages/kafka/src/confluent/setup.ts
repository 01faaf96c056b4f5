import type { KafkaClientSetup } from '../client/client-context.js';
import { patchClient } from './patch-client.js';

/** @confluentinc/kafka-javascript 1: the API like that of kafkajs, and that of librdkafka below it. */
export const setUpConfluent: KafkaClientSetup = (context) => {
  context.patchModule(
    {
      name: '@confluentinc/kafka-javascript',
      supportedVersions: ['>=1.0.0 <2', '*'],
      patch: (moduleExports) => patchClient(moduleExports, context),
    },
    context.modules,
  );
  return undefined;
};
