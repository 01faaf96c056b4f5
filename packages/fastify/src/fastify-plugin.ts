import type { IncomingMessage } from 'node:http';
import {
  type BundledNest,
  type NestFramework,
  type ObservabilityPlugin,
  observeNest,
} from '@throughline/core/plugin';
import { patchFastify } from './patch-fastify.js';
import { patchRouter } from './patch-router.js';
import { isFailing, isFollowed } from './request-route.js';

/** Options of {@link fastifyPlugin}. */
export interface FastifyPluginOptions {
  /**
   * The modules themselves, for a service that is bundled into one file: there they are not in Node's module
   * cache, in which the plugin otherwise finds them.
   *
   * @example
   * import fastify from 'fastify';
   * fastifyPlugin({ modules: { fastify } });
   */
  readonly modules?: BundledModules | undefined;
}

/** The modules of a service that is bundled into one file. */
export interface BundledModules extends BundledNest {
  readonly fastify?: unknown;
  /** For a service that uses this router without Fastify. */
  readonly 'find-my-way'?: unknown;
}

/** NestJS passes the request of Fastify to its handlers, and that of Node to its middleware. */
const nestOnFastify: NestFramework = {
  name: 'fastify',
  requestOf(request) {
    if ('raw' in request) return request.raw as IncomingMessage;
    return isFollowed(request) ? (request as IncomingMessage) : undefined;
  },
  isFailing,
};

/**
 * Names the route of every request that Fastify (4 and 5) answers, and records the errors that its hooks and handlers
 * throw or send, those of NestJS (9 to 12) on Fastify included; and names the routes of the router `find-my-way` where it is used
 * alone. Apps may be made before or after this.
 *
 * The route is `http.route` of the OpenTelemetry semantic conventions: the URL of the route as declared, with the prefixes of
 * its plugins. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * @example
 * initObservability({ plugins: [fastifyPlugin()] });
 */
export function fastifyPlugin(options: FastifyPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'fastify',
    setup(context) {
      const { modules } = options;
      const { http } = context;
      observeNest(context, nestOnFastify, modules);
      context.patchModule(
        {
          name: 'fastify',
          supportedVersions: ['>=4.0.0 <6'],
          patch: (moduleExports) => patchFastify(moduleExports, http),
        },
        modules && { fastify: modules.fastify },
      );
      context.patchModule(
        {
          name: 'find-my-way',
          supportedVersions: ['>=4.0.0 <10'],
          patch: (moduleExports) => patchRouter(moduleExports, http),
        },
        modules && { 'find-my-way': modules['find-my-way'] },
      );
    },
  };
}
