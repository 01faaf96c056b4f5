import type { LoadedModules, ObservabilityPlugin } from '@throughline/core/plugin';
import { patchBullmq, patchChildProcessor } from './patch-bullmq.js';

export interface BullmqPluginOptions {
  /**
   * The module itself, for a service that is bundled into one file: there it is not in Node's module cache, in which
   * the plugin otherwise finds it.
   *
   * @example
   * import * as bullmq from 'bullmq';
   * bullmqPlugin({ modules: { bullmq } });
   */
  readonly modules?: LoadedModules | undefined;
  /**
   * What processing a job is to the code that added it: `child` continues its trace, `link` starts another trace that
   * links to it. Jobs of a scheduler, and repeatable jobs, always start another trace. Default: `child`.
   */
  readonly relation?: 'child' | 'link' | undefined;
}

const name = 'bullmq';
const supportedVersions = ['>=3.0.0 <7'];

/**
 * Traces from the code that adds a job to the worker that processes it, and the metrics of both, by the semantic
 * conventions for messaging. BullMQ 3 to 6. Queues and workers may be made before or after this, and need no option.
 *
 * @example
 * initObservability({ plugins: [bullmqPlugin()] });
 */
export function bullmqPlugin(options: BullmqPluginOptions = {}): ObservabilityPlugin {
  return {
    name,
    setup({ messaging, patchModule }) {
      const recording = { messaging, relation: options.relation ?? 'child' };
      patchModule(
        {
          name,
          supportedVersions: [...supportedVersions, '*'],
          patch: (moduleExports) => patchBullmq(moduleExports, recording),
        },
        options.modules,
      );
      patchModule({
        name,
        file: 'dist/cjs/classes/child-processor.js',
        supportedVersions,
        patch: (moduleExports) => patchChildProcessor(moduleExports, recording),
      });
    },
  };
}
