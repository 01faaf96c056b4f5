import type { ObservabilityPlugin } from '@throughline/core/plugin';
import { patchKoa } from './patch-koa.js';
import { patchRouter } from './patch-router.js';

/** Options of {@link koaPlugin}. */
export interface KoaPluginOptions {
  /**
   * The modules themselves, for a service that is bundled into one file: there they are not in Node's module
   * cache, in which the plugin otherwise finds them.
   *
   * @example
   * import Koa from 'koa';
   * import Router from '@koa/router';
   * koaPlugin({ modules: { koa: Koa, '@koa/router': Router } });
   */
  readonly modules?: BundledModules | undefined;
}

/** The modules of a service that is bundled into one file. */
export interface BundledModules {
  readonly koa: unknown;
  readonly '@koa/router'?: unknown;
  readonly 'koa-router'?: unknown;
}

/**
 * Names the route of every request that Koa (2 and 3) answers with `@koa/router` (8 to 15) or `koa-router` (8 to 14), and
 * records the errors that middleware and handlers throw, also those that other middleware answers. Apps and routers may
 * be made before or after this.
 *
 * The route is `http.route` of the OpenTelemetry semantic conventions: the path as declared, with the prefixes of
 * the routers around it. https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 *
 * @example
 * initObservability({ plugins: [koaPlugin()] });
 */
export function koaPlugin(options: KoaPluginOptions = {}): ObservabilityPlugin {
  return {
    name: 'koa',
    setup({ http, patchModule }) {
      const { modules } = options;
      let isKoaLoaded = false;
      patchModule(
        {
          name: 'koa',
          supportedVersions: ['>=2.0.0 <4'],
          patch: (moduleExports) => {
            isKoaLoaded = true;
            return patchKoa(moduleExports, http);
          },
        },
        modules && { koa: modules.koa },
      );
      for (const [name, supportedVersions] of [
        ['@koa/router', '>=8.0.0 <16'],
        ['koa-router', '>=8.0.0 <15'],
      ] as const) {
        patchModule(
          {
            name,
            supportedVersions: [supportedVersions],
            // `@koa/router` 15 has an ES module too.
            esModule: { isLoaded: () => isKoaLoaded },
            patch: (moduleExports) => patchRouter(moduleExports, http),
          },
          modules && { [name]: modules[name] },
        );
      }
    },
  };
}
