import { exportedPrototype, type ObservabilityPlugin, type Patch, patchOnce } from '@throughline/core/plugin';
import { observeDeliveries, observeIterated, observePushes } from './consume.js';
import type { Destination } from './destinations.js';
import type {
  Connection,
  ConsumerMessages,
  JetStreamClient,
  JetStreamMessage,
  Protocol,
  Subscription,
} from './internals.js';
import type { Observation, Recording } from './observation.js';
import { observeAnswers } from './process.js';
import {
  observeJetStreamPublish,
  observeProtocolPublish,
  observePublish,
  observeRequest,
} from './publish.js';
import { useObservation } from './run-with-message.js';

export interface NatsPluginOptions {
  /**
   * What processing a message is to its producer: `child` continues the producer's trace, `link` starts a trace of
   * its own that links to it. Default: `child`.
   */
  readonly relation?: 'child' | 'link' | undefined;
  /**
   * The name of a destination on spans and metrics, `messaging.destination.name`. It must be low in cardinality. Default:
   * the subject, with `*` for parts that look like an id, and `_INBOX` for inboxes.
   *
   * @example
   * // One series for all subjects of a subscription.
   * natsPlugin({ destinationName: ({ subject, subscription }) => subscription ?? subject });
   */
  readonly destinationName?: ((destination: Destination) => string) | undefined;
}

/** By file, where the classes are: the class, and what is replaced in it. */
const patches = {
  protocol(moduleExports: unknown, recording: Recording) {
    const protocol = exportedPrototype(moduleExports, 'ProtocolHandler') as Protocol;
    const subscription = exportedPrototype(moduleExports, 'SubscriptionImpl') as Subscription;
    return patchPrototype(protocol, recording, (patch, observation) => {
      patch.replace(protocol, 'publish', observeProtocolPublish(observation));
      patch.replace(protocol, 'processMsg', observeDeliveries(observation));
      patch.replace(subscription, 'callback', observeIterated(observation));
      patch.onUndo(useObservation(observation));
    });
  },
  nats(moduleExports: unknown, recording: Recording) {
    const connection = exportedPrototype(moduleExports, 'NatsConnectionImpl') as Connection;
    return patchPrototype(connection, recording, (patch, observation) => {
      patch.replace(connection, 'publish', observePublish(observation));
      patch.replace(connection, 'request', observeRequest(observation));
    });
  },
  jsclient(moduleExports: unknown, recording: Recording) {
    const client = exportedPrototype(moduleExports, 'JetStreamClientImpl') as JetStreamClient;
    return patchPrototype(client, recording, (patch, observation) =>
      patch.replace(client, 'publish', observeJetStreamPublish(observation)),
    );
  },
  jsmsg(moduleExports: unknown, recording: Recording) {
    const message = exportedPrototype(moduleExports, 'JsMsgImpl') as JetStreamMessage;
    return patchPrototype(message, recording, (patch, observation) => {
      const { nak, term } = observeAnswers(observation);
      patch.replace(message, 'nak', nak);
      patch.replace(message, 'term', term);
    });
  },
  consumer(moduleExports: unknown, recording: Recording) {
    return patchPushes(exportedPrototype(moduleExports, 'PullConsumerMessagesImpl'), recording);
  },
  pushconsumer(moduleExports: unknown, recording: Recording) {
    return patchPushes(exportedPrototype(moduleExports, 'PushConsumerMessagesImpl'), recording);
  },
};

const packages: readonly {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly files: readonly (readonly [file: string, patch: keyof typeof patches])[];
}[] = [
  {
    name: 'nats',
    supportedVersions: ['>=2.18.0 <3'],
    files: [
      ['lib/nats-base-client/protocol.js', 'protocol'],
      ['lib/nats-base-client/nats.js', 'nats'],
      ['lib/jetstream/jsclient.js', 'jsclient'],
      ['lib/jetstream/jsmsg.js', 'jsmsg'],
      ['lib/jetstream/consumer.js', 'consumer'],
    ],
  },
  {
    name: '@nats-io/nats-core',
    supportedVersions: ['>=3.0.0 <4'],
    files: [
      ['lib/protocol.js', 'protocol'],
      ['lib/nats.js', 'nats'],
    ],
  },
  {
    name: '@nats-io/jetstream',
    supportedVersions: ['>=3.0.0 <4'],
    files: [
      ['lib/jsclient.js', 'jsclient'],
      ['lib/jsmsg.js', 'jsmsg'],
      ['lib/consumer.js', 'consumer'],
      ['lib/pushconsumer.js', 'pushconsumer'],
    ],
  },
];

/**
 * Traces across NATS, and the metrics of producers and consumers, by the semantic conventions for messaging: nats 2, and
 * @nats-io/transport-node, @nats-io/nats-core and @nats-io/jetstream 3. Connections, subscriptions and consumers may be
 * made before or after this.
 *
 * @example
 * initObservability({ plugins: [natsPlugin()] });
 */
export function natsPlugin(options: NatsPluginOptions = {}): ObservabilityPlugin {
  const { relation = 'child', destinationName } = options;
  return {
    name: 'nats',
    setup({ messaging, patchModule }) {
      const recording: Recording = { messaging, relation, destinationName };
      for (const { name, supportedVersions, files } of packages) {
        for (const [file, patch] of files) {
          patchModule({
            name,
            file,
            supportedVersions,
            patch: (moduleExports) => patches[patch](moduleExports, recording),
          });
        }
      }
    },
  };
}

/** Methods of prototypes are replaced, so what was made before is observed too. */
function patchPrototype(
  prototype: object,
  recording: Recording,
  replace: (patch: Patch, observation: Observation) => void,
): () => void {
  return patchOnce(prototype, 'nats', (patch) =>
    replace(patch, { ...recording, isActive: () => patch.active }),
  );
}

function patchPushes(prototype: object, recording: Recording): () => void {
  const messages = prototype as ConsumerMessages;
  return patchPrototype(messages, recording, (patch, observation) =>
    patch.replace(messages, '_push', observePushes(observation)),
  );
}
