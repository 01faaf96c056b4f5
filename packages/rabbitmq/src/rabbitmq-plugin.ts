import type { LoadedModules, ObservabilityPlugin } from '@throughline/core/plugin';
import type { Destination } from './destinations.js';
import { patchChannels, type Recording } from './patch-channels.js';
import { patchConnect } from './patch-connect.js';
import { patchChannelWrapper, patchConnectionManager } from './patch-connection-manager.js';

export interface RabbitmqPluginOptions {
  /**
   * The modules themselves, for a service that is bundled into one file: there they are not in Node's module cache, in
   * which the plugin otherwise finds them. Connections that are made after this are observed.
   *
   * @example
   * import * as amqplib from 'amqplib';
   * rabbitmqPlugin({ modules: { amqplib } });
   */
  readonly modules?: LoadedModules | undefined;
  /**
   * What processing a message is to its producer: `child` continues the producer's trace, `link` starts a trace of
   * its own that links to it. Default: `child`.
   */
  readonly relation?: 'child' | 'link' | undefined;
  /**
   * The name of a destination on spans and metrics, `messaging.destination.name`. It must be low in cardinality. Default:
   * exchange, routing key and queue, joined by colons, with `*` for parts that look like an id.
   *
   * @example
   * // One series for all routing keys of an exchange.
   * rabbitmqPlugin({ destinationName: ({ exchange, routingKey, queue }) => queue ?? (exchange || routingKey) });
   */
  readonly destinationName?: ((destination: Destination) => string) | undefined;
}

const supportedVersions = ['>=0.10.0 <3'];

/**
 * Traces across RabbitMQ, and the metrics of producers and consumers, by the semantic conventions for messaging: amqplib
 * 0.10 to 2 with promises or callbacks, and what builds on it. Connections and channels may be made before or after this.
 *
 * @example
 * initObservability({ plugins: [rabbitmqPlugin()] });
 */
export function rabbitmqPlugin(options: RabbitmqPluginOptions = {}): ObservabilityPlugin {
  const { modules, relation = 'child', destinationName } = options;
  return {
    name: 'rabbitmq',
    setup({ messaging, patchModule }) {
      const recording: Recording = { messaging, relation, destinationName };
      let isUsed = false;
      for (const file of ['lib/channel_model.js', 'lib/callback_model.js']) {
        patchModule({
          name: 'amqplib',
          file,
          supportedVersions,
          patch(moduleExports) {
            isUsed = true;
            return patchChannels(moduleExports, recording);
          },
        });
      }
      const given = modules?.amqplib;
      if (given !== undefined) {
        patchModule(
          {
            name: 'amqplib',
            supportedVersions: [...supportedVersions, '*'],
            patch: (moduleExports) => patchConnect(moduleExports, recording),
          },
          modules,
        );
      }
      patchModule(
        {
          name: 'amqp-connection-manager',
          supportedVersions: ['>=4.1.0 <6', '*'],
          esModule: { isLoaded: () => isUsed },
          patch: patchConnectionManager,
        },
        modules,
      );
      patchModule({
        name: 'amqp-connection-manager',
        file: 'dist/cjs/ChannelWrapper.js',
        supportedVersions: ['>=4.1.0 <6'],
        patch: (moduleExports) => patchChannelWrapper(classPrototype(moduleExports)),
      });
    },
  };
}

function classPrototype(moduleExports: unknown): object {
  const { default: found } = moduleExports as { default?: { prototype?: unknown } };
  if (typeof found?.prototype !== 'object' || found.prototype === null) throw new Error('it has no class');
  return found.prototype;
}
