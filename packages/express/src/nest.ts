import type { PluginContext } from '@throughline/core/plugin';
import { exceptionsHandlerFile, patchNest } from './patch-nest.js';

/** Where a bundled service hands the class over by which Nest answers exceptions. */
export type BundledNest = { readonly [bundledName]?: unknown };

const bundledName = `@nestjs/core/${exceptionsHandlerFile}` as const;

/**
 * Records the exceptions of NestJS apps. NestJS may be loaded as CommonJS (8 to 11), as ES modules (12), or bundled.
 */
export function setUpNest({ http, patchModule }: PluginContext, bundled?: BundledNest): void {
  const patch = (moduleExports: unknown) => patchNest(moduleExports, http);
  patchModule({
    name: '@nestjs/core',
    file: exceptionsHandlerFile,
    supportedVersions: ['>=8.0.0 <13'],
    // NestJS loads `reflect-metadata` first: without it the service has not come to NestJS yet.
    esModule: { isLoaded: () => 'getMetadata' in Reflect },
    patch,
  });
  const given = bundled?.[bundledName];
  if (given !== undefined) {
    patchModule({ name: bundledName, supportedVersions: [], patch }, { [bundledName]: given });
  }
}
