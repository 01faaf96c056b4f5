import type { PluginContext } from '@throughline/core/plugin';
import { awaitNestEsModule, findNestEsModule } from './nest-es-module.js';
import { exceptionsHandlerFile, patchNest } from './patch-nest.js';

/** Where a bundled service hands the class over by which Nest answers exceptions. */
export type BundledNest = { readonly [bundledName]?: unknown };

const bundledName = `@nestjs/core/${exceptionsHandlerFile}` as const;

export interface NestSetUp {
  /** Undefined where nothing waits for a request. */
  readonly onRequest: (() => void) | undefined;
  readonly stop: (() => void) | undefined;
}

/**
 * Sees to it that the exceptions of NestJS apps are recorded, in whatever form NestJS comes: CommonJS (8 to 11),
 * ES modules (12), or bundled.
 */
export function setUpNest({ http, logger, patchModule }: PluginContext, bundled?: BundledNest): NestSetUp {
  const patch = (moduleExports: unknown) => patchNest(moduleExports, http);

  patchModule({
    name: '@nestjs/core',
    file: exceptionsHandlerFile,
    supportedVersions: ['>=8.0.0 <13'],
    patch,
  });
  const given = bundled?.[bundledName];
  if (given !== undefined) {
    patchModule({ name: bundledName, supportedVersions: [], patch }, { [bundledName]: given });
  }
  const file = findNestEsModule();
  const awaited =
    file === undefined
      ? undefined
      : awaitNestEsModule(file, patch, (error) =>
          logger.debug('Exceptions of NestJS are not recorded.', { error }),
        );
  return { onRequest: awaited?.onRequest, stop: awaited?.stop };
}
