import type { ObservabilityPlugin } from '@throughline/core';
import { patchExpress } from './patch-express.js';

export interface ExpressPluginOptions {
  /**
   * The module itself, for a service that is bundled into one file: there Express is not in Node's module
   * cache, where the plugin finds it by itself otherwise.
   *
   * @example
   * import express from 'express';
   * expressPlugin({ modules: { express } });
   */
  readonly modules?: { readonly express: unknown } | undefined;
}

/**
 * Names the route of every request that Express (4.16 or newer, and 5) answers, and records the errors that its
 * handlers throw or pass on. Apps, routers and servers may be made before or after this.
 *
 * The route is `http.route` of the OpenTelemetry semantic conventions: the path templates as declared, never
 * the path of a request. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * @example
 * initObservability({ plugins: [expressPlugin()] });
 */
export function expressPlugin(options: ExpressPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'express',
    setup({ http, patchModule }) {
      patchModule(
        {
          name: 'express',
          supportedVersions: ['>=4.16.0 <6'],
          patch: (moduleExports) => patchExpress(moduleExports, http),
        },
        options.modules && { express: options.modules.express },
      );
    },
  };
}
