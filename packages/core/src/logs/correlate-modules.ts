import type { Part } from '../model/part.js';
import type { CorrelatedLibrary } from '../options/log-options.js';
import { exportedPrototype } from '../patching/prototypes.js';
import type { ModulePatch } from '../plugin/modules.js';
import { type BunyanLike, correlateBunyan } from './correlate-bunyan.js';
import { correlateConsole } from './correlate-console.js';
import { correlateNest, isNestLogger } from './correlate-nest.js';
import { correlatePino } from './correlate-pino.js';
import { correlateWinston, type WinstonLike } from './correlate-winston.js';

/** Where the lines of each library come together, for every logger made before or after. */
const patches: Partial<Record<CorrelatedLibrary, readonly ModulePatch[]>> = {
  winston: [
    {
      name: 'winston',
      file: 'lib/winston/logger.js',
      supportedVersions: ['>=3.0.0 <4'],
      patch: (loggerClass) => correlateWinston((loggerClass as { prototype: WinstonLike }).prototype),
    },
  ],
  pino: [
    {
      name: 'pino',
      file: 'lib/proto.js',
      supportedVersions: ['>=8.0.0 <11'],
      patch(makePrototype) {
        const prototype: unknown = Object.getPrototypeOf((makePrototype as () => object)());
        return correlatePino(prototype as object);
      },
    },
  ],
  bunyan: [
    {
      name: 'bunyan',
      file: 'lib/bunyan.js',
      supportedVersions: ['>=1.0.0 <3'],
      patch: (loggerClass) => correlateBunyan((loggerClass as { prototype: BunyanLike }).prototype),
    },
  ],
  nestjs: [
    {
      name: '@nestjs/common',
      file: 'services/console-logger.service.js',
      supportedVersions: ['>=9.0.0 <12'],
      patch: correlateNestModule,
    },
    {
      name: '@nestjs/common',
      supportedVersions: ['>=12.0.0 <13'],
      // NestJS loads `reflect-metadata` first: without it the service has not come to NestJS yet.
      esModule: { isLoaded: () => 'getMetadata' in Reflect },
      patch: correlateNestModule,
    },
  ],
};

function correlateNestModule(moduleExports: unknown): () => void {
  const prototype = exportedPrototype(moduleExports, 'ConsoleLogger');
  if (!isNestLogger(prototype)) throw new Error("its 'ConsoleLogger' is not the one that is known");
  return correlateNest(prototype);
}

/**
 * Correlates the loggers of these libraries.
 *
 * @param patchModule applies a patch to loaded and future copies of a package
 */
export function correlateModules(
  libraries: readonly CorrelatedLibrary[],
  patchModule: (patch: ModulePatch) => () => void,
): Part {
  const undos: (() => void)[] = [];
  for (const library of libraries) {
    for (const patch of patches[library] ?? []) undos.push(patchModule(patch));
    if (library === 'console') undos.push(correlateConsole());
  }
  return {
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
