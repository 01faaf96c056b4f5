import type { CorrelatedLibrary } from '../options/log-options.js';
import type { ModulePatch } from '../plugin/plugin.js';
import { type BunyanLike, correlateBunyan } from './correlate-bunyan.js';
import { correlateConsole } from './correlate-console.js';
import { correlateNest, type NestLoggerLike } from './correlate-nest.js';
import { correlateNestEsModule } from './correlate-nest-es-module.js';
import { correlatePino } from './correlate-pino.js';
import { correlateWinston, type WinstonLike } from './correlate-winston.js';

/** Where the lines of each library come together, for every logger made before or after. */
const patches: Partial<Record<CorrelatedLibrary, ModulePatch>> = {
  winston: {
    name: 'winston',
    file: 'lib/winston/logger.js',
    supportedVersions: ['>=3.0.0 <4'],
    patch: (loggerClass) => correlateWinston((loggerClass as { prototype: WinstonLike }).prototype),
  },
  pino: {
    name: 'pino',
    file: 'lib/proto.js',
    supportedVersions: ['>=8.0.0 <11'],
    patch(makePrototype) {
      const prototype: unknown = Object.getPrototypeOf((makePrototype as () => object)());
      return correlatePino(prototype as object);
    },
  },
  bunyan: {
    name: 'bunyan',
    file: 'lib/bunyan.js',
    supportedVersions: ['>=1.0.0 <3'],
    patch: (loggerClass) => correlateBunyan((loggerClass as { prototype: BunyanLike }).prototype),
  },
  nestjs: {
    name: '@nestjs/common',
    file: 'services/console-logger.service.js',
    supportedVersions: ['>=9.0.0 <12'],
    patch(module) {
      const { ConsoleLogger } = module as { ConsoleLogger: { prototype: NestLoggerLike } };
      return correlateNest(ConsoleLogger.prototype);
    },
  },
};

/**
 * Correlates the loggers of these libraries.
 *
 * @param patchModule applies a patch to loaded and future copies of a package
 * @returns `stop` takes it back; `onWork` is to be called when a request or message comes
 */
export function correlateModules(
  libraries: readonly CorrelatedLibrary[],
  patchModule: (patch: ModulePatch) => () => void,
): { onWork(): void; stop(): void } {
  const undos: (() => void)[] = [];
  for (const library of libraries) {
    const patch = patches[library];
    if (patch) undos.push(patchModule(patch));
    if (library === 'console') undos.push(correlateConsole());
  }
  const nest = libraries.includes('nestjs') ? correlateNestEsModule() : undefined;
  if (nest) undos.push(nest.stop);
  return {
    onWork() {
      nest?.onWork();
    },
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
