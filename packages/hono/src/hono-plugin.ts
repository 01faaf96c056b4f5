import type { ObservabilityPlugin } from '@throughline/core/plugin';
import { patchHono } from './patch-hono.js';

/** Options of {@link honoPlugin}. */
export interface HonoPluginOptions {
  /**
   * The module itself, for a service that is bundled into one file: there it is not in the folder `node_modules`, where
   * the plugin otherwise finds it.
   *
   * @example
   * import * as hono from 'hono';
   * honoPlugin({ modules: { hono } });
   */
  readonly modules?: BundledModules | undefined;
}

/** The module of a service that is bundled into one file. */
export interface BundledModules {
  readonly hono: unknown;
}

/**
 * Names the route of every request that Hono 4 answers through `@hono/node-server`, and records the errors that its
 * handlers and middleware throw. Apps may be made before or after this.
 *
 * The route is `http.route` of the OpenTelemetry semantic conventions: the path as declared, with the base paths of the apps
 * around it. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * @example
 * initObservability({ plugins: [honoPlugin()] });
 */
export function honoPlugin(options: HonoPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'hono',
    setup({ http, patchModule }) {
      patchModule(
        {
          name: 'hono',
          supportedVersions: ['>=4.0.0 <5'],
          // Hono leaves no trace in the process. If a service names it and has not imported it, it is loaded in vain.
          esModule: { isLoaded: () => true },
          patch: (moduleExports) => patchHono(moduleExports, http),
        },
        options.modules && { hono: options.modules.hono },
      );
    },
  };
}
