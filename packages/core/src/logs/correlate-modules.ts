import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ModulePatch } from '../plugin.js';
import { type BunyanLike, correlateBunyan } from './correlate-bunyan.js';
import { correlateConsole } from './correlate-console.js';
import { correlateNest, isNestLogger, type NestLoggerLike } from './correlate-nest.js';
import { correlatePino } from './correlate-pino.js';
import { correlateWinston, type WinstonLike } from './correlate-winston.js';
import type { CorrelatedLibrary } from './correlation.js';

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
 * @returns `stop` takes it back; `ready` resolves when also those that are ES modules are done
 */
export function correlateModules(
  libraries: readonly CorrelatedLibrary[],
  patchModule: (patch: ModulePatch) => () => void,
): { readonly ready: Promise<void>; stop(): void } {
  const undos: (() => void)[] = [];
  for (const library of libraries) {
    const patch = patches[library];
    if (patch) undos.push(patchModule(patch));
    if (library === 'console') undos.push(correlateConsole());
  }
  let stopped = false;
  const ready = libraries.includes('nestjs')
    ? loadedNestModule().then((prototype) => {
        if (prototype && !stopped) undos.push(correlateNest(prototype));
      })
    : Promise.resolve();
  return {
    ready,
    stop() {
      stopped = true;
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}

/**
 * From version 12 on NestJS is an ES module, which no cache shows. A service that depends on it loads it in any
 * case; the import here gives the same module.
 */
async function loadedNestModule(): Promise<NestLoggerLike | undefined> {
  const script = process.argv[1];
  if (script === undefined) return undefined;
  try {
    const load = createRequire(script);
    const manifest = load('@nestjs/common/package.json') as { type?: string };
    if (manifest.type !== 'module') return undefined;
    const url = pathToFileURL(load.resolve('@nestjs/common')).href;
    const { ConsoleLogger } = (await import(/* @vite-ignore */ url)) as {
      ConsoleLogger: { prototype: object };
    };
    return isNestLogger(ConsoleLogger.prototype) ? ConsoleLogger.prototype : undefined;
  } catch {
    return undefined;
  }
}
