import type { Part } from '../model/part.js';
import { commonJs, type LoadedModule, packageNameOfFile } from './loaded-packages.js';
import { replaceMethod } from './replace-method.js';

type LoadListener = (module: LoadedModule, file: string) => void;

/**
 * Calls back when a CommonJS file of a watched package has been evaluated, by `require` or by the import of an ES
 * module. A file of any other package costs one look-up of its package's name.
 */
export interface LoadWatch extends Part {
  /** @returns stops watching for this listener */
  watch(packageName: string, afterLoad: LoadListener): () => void;
  stop(): void;
}

/**
 * Both ways of loading end in `Module._extensions['.js']`, before anybody gets the exports and before Node
 * takes the snapshot of them that ES modules see. A transpiler that starts later may put its own function
 * there; `Module.prototype.load`, around it, then still tells, in time for everything but exports that are
 * replaced as a whole.
 */
export function watchModuleLoads(): LoadWatch {
  const listeners = new Map<string, Set<LoadListener>>();
  const told = new WeakSet<LoadedModule>();
  let restores: (() => void)[] | undefined;

  const tell = (module: LoadedModule, file: string) => {
    if (listeners.size === 0 || told.has(module)) return;
    const name = packageNameOfFile(file);
    const interested = name === undefined ? undefined : listeners.get(name);
    if (!interested) return;
    told.add(module);
    for (const listener of interested) listener(module, file);
  };

  function install(): void {
    const { _extensions: extensions, prototype } = commonJs;
    restores ??= [
      replaceMethod(extensions, '.js', (evaluate) => {
        return function evaluateAndTell(this: unknown, module, file) {
          Reflect.apply(evaluate, this, [module, file]);
          tell(module, file);
        };
      }),
      replaceMethod(prototype, 'load', (load) => {
        return function loadAndTell(file) {
          Reflect.apply(load, this, [file]);
          tell(this, file);
        };
      }),
    ];
  }

  return {
    watch(packageName, afterLoad) {
      const ofPackage = listeners.get(packageName) ?? new Set();
      listeners.set(packageName, ofPackage.add(afterLoad));
      install();
      return () => ofPackage.delete(afterLoad);
    },
    stop() {
      listeners.clear();
      for (const restore of restores ?? []) restore();
      restores = undefined;
    },
  };
}
