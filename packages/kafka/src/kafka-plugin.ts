import type { LoadedModules, ObservabilityPlugin } from '@throughline/core/plugin';
import type { KafkaClientContext, KafkaClientSetup } from './client/client-context.js';
import { useOperations } from './client/operations.js';
import { setUpConfluent } from './confluent/setup.js';
import { setUpKafkajs } from './kafkajs/setup.js';
import { setUpNodeRdkafka } from './node-rdkafka/setup.js';
import { setUpPlatformatic } from './platformatic/setup.js';

export interface KafkaPluginOptions {
  /**
   * The modules themselves, by package name, for a service that is bundled into one file: there they are not in
   * Node's module cache, in which the plugin otherwise finds them.
   *
   * @example
   * import * as kafkajs from 'kafkajs';
   * kafkaPlugin({ modules: { kafkajs } });
   */
  readonly modules?: LoadedModules | undefined;
  /**
   * What processing a message is to its producer: `child` continues the producer's trace, `link` starts a trace of
   * its own that links to it. Default: `child`.
   */
  readonly relation?: 'child' | 'link' | undefined;
}

/** One folder per client library; each is independent of the others. */
const clients: readonly KafkaClientSetup[] = [
  setUpKafkajs,
  setUpConfluent,
  setUpNodeRdkafka,
  setUpPlatformatic,
];

/**
 * Traces across Kafka, and the metrics of producers and consumers, by the semantic conventions for messaging:
 * kafkajs, @confluentinc/kafka-javascript, node-rdkafka and @platformatic/kafka. Clients may be made before or after this.
 *
 * @example
 * initObservability({ plugins: [kafkaPlugin()] });
 */
export function kafkaPlugin(options: KafkaPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'kafka',
    setup(context) {
      const client: KafkaClientContext = {
        messaging: context.messaging,
        patchModule: context.patchModule,
        modules: options.modules,
        relation: options.relation ?? 'child',
      };
      const undos = [useOperations(client), ...clients.map((setUp) => setUp(client))];
      return () => {
        for (const undo of undos.reverse()) undo?.();
      };
    },
  };
}
