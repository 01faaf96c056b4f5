import type { IncomingMessage } from 'node:http';
import {
  type BundledNest,
  type NestFramework,
  type ObservabilityPlugin,
  observeNest,
} from '@throughline/core/plugin';
import { patchExpress } from './patch-express.js';
import { requestRouteOf } from './request-route.js';

export interface ExpressPluginOptions {
  /**
   * The modules themselves, for a service that is bundled into one file: there they are not in Node's module
   * cache, in which the plugin otherwise finds them.
   *
   * @example
   * import express from 'express';
   * expressPlugin({ modules: { express } });
   */
  readonly modules?: BundledModules | undefined;
}

export interface BundledModules extends BundledNest {
  readonly express: unknown;
}

/** NestJS passes the request of Express, which is that of Node, to its handlers. A request of Fastify has that of Node in `raw`. */
const nestOnExpress: NestFramework = {
  name: 'express',
  requestOf: (request) => ('raw' in request ? undefined : (request as IncomingMessage)),
  isFailing: (request) => requestRouteOf(request)?.isFailing === true,
};

/**
 * Names the route of every request that Express (4.16 or newer, and 5) answers, and records the errors that its
 * handlers throw or pass on, those of NestJS (8 to 12) on Express included. Apps, routers and servers may be made
 * before or after this.
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
    setup(context) {
      const { modules } = options;
      observeNest(context, nestOnExpress, modules);
      context.patchModule(
        {
          name: 'express',
          supportedVersions: ['>=4.16.0 <6'],
          patch: (moduleExports) => patchExpress(moduleExports, context.http),
        },
        modules && { express: modules.express },
      );
    },
  };
}
