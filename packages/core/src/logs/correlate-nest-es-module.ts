import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { correlateNest, isNestLogger } from './correlate-nest.js';

/** How often a module that is being loaded just now is asked for. */
const maxAttempts = 3;

export interface AwaitedNest {
  /** To be called when a request or message comes. */
  readonly onWork: () => void;
  stop(): void;
}

/**
 * From version 12 on NestJS is an ES module, which no cache shows. A service that depends on it has loaded it by the
 * time that work comes, and asking for it then gives the same module. Asking earlier could break the service: Node
 * does not let it require what is being imported (`ERR_REQUIRE_ESM_RACE_CONDITION`).
 *
 * @param script the service's first file, from where NestJS is looked for
 */
export function correlateNestEsModule(script = process.argv[1]): AwaitedNest {
  let undo: (() => void) | undefined;
  let stopped = false;
  let file = script === undefined ? undefined : findNestEsModule(script);
  let attempts = 0;
  const apply = (loaded: unknown) => {
    file = undefined;
    const { prototype } = (loaded as { ConsoleLogger?: { prototype?: object } }).ConsoleLogger ?? {};
    if (!stopped && prototype && isNestLogger(prototype)) undo = correlateNest(prototype);
  };
  return {
    onWork() {
      // NestJS brings `reflect-metadata`: without it the service has not come to NestJS yet.
      if (file === undefined || !('getMetadata' in Reflect)) return;
      const found = file;
      if (++attempts >= maxAttempts) file = undefined;
      try {
        // Done when it returns, so that this request's lines have their trace.
        const loaded: unknown = createRequire(found)(found);
        // A loader may have made a CommonJS module of it, which is not the one that the service imported.
        if (types.isModuleNamespaceObject(loaded)) return apply(loaded);
      } catch {
        // Being loaded; or this Node, before 22.12, requires no ES modules.
      }
      if (process.features.require_module) return;
      file = undefined;
      import(/* @vite-ignore */ pathToFileURL(found).href).then(apply, () => {});
    },
    stop() {
      stopped = true;
      undo?.();
    },
  };
}

function findNestEsModule(script: string): string | undefined {
  try {
    const file = createRequire(script).resolve('@nestjs/common');
    // Not through the package's exports: NestJS 12.0 to 12.2 leave their package.json out of them.
    const manifest = JSON.parse(readFileSync(join(dirname(file), 'package.json'), 'utf8')) as {
      type?: string;
    };
    return manifest.type === 'module' ? file : undefined;
  } catch {
    return undefined;
  }
}
