import type { LoadedModules, ObservabilityPlugin } from '@throughline/core/plugin';
import type { Recording } from './observation.js';
import { patchClient } from './patch-client.js';
import { patchConsumer } from './patch-consumer.js';

export interface SqsPluginOptions {
  /**
   * The modules themselves, for a service that is bundled into one file: there they are not in Node's module cache, in
   * which the plugin otherwise finds them.
   *
   * @example
   * import * as sqs from '@aws-sdk/client-sqs';
   * import * as consumer from 'sqs-consumer';
   * sqsPlugin({ modules: { '@aws-sdk/client-sqs': sqs, 'sqs-consumer': consumer } });
   */
  readonly modules?: LoadedModules | undefined;
  /**
   * What processing a message is to its producer: `child` continues the producer's trace, `link` starts a trace of
   * its own that links to it. Default: `child`.
   */
  readonly relation?: 'child' | 'link' | undefined;
}

/**
 * Traces across Amazon SQS, and the metrics of producers and consumers, by the semantic conventions for messaging: the AWS
 * SDK for JavaScript 3, and sqs-consumer. Clients and consumers may be made before or after this.
 *
 * @example
 * initObservability({ plugins: [sqsPlugin()] });
 */
export function sqsPlugin(options: SqsPluginOptions = {}): ObservabilityPlugin {
  const { modules, relation = 'child' } = options;
  return {
    name: 'sqs',
    setup({ messaging, patchModule, logger }) {
      let isUsed = false;
      let hasWarned = false;
      const recording: Recording = {
        messaging,
        relation,
        warnNoRoom(queue, count) {
          if (hasWarned) return;
          hasWarned = true;
          logger.warn(
            `${count} message(s) to '${queue}' were sent without a trace: they have no room for more attributes. SQS allows 10 for each message, and limits its size. This is logged once; the span attribute throughline.messages_without_context counts them.`,
          );
        },
      };
      patchModule(
        {
          name: '@aws-sdk/client-sqs',
          supportedVersions: ['>=3.0.0 <4', '*'],
          patch(moduleExports) {
            isUsed = true;
            return patchClient(moduleExports, recording);
          },
        },
        modules,
      );
      patchModule(
        {
          name: 'sqs-consumer',
          supportedVersions: ['>=6.0.0 <16', '*'],
          esModule: { isLoaded: () => isUsed },
          patch: patchConsumer,
        },
        modules,
      );
    },
  };
}
