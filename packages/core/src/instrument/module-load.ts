import { commonJs, type LoadedModule, packageNameOfFile } from './loaded-packages.js';

type Listener = (module: LoadedModule, file: string) => void;

/**
 * Tells when a CommonJS file of a watched package has been evaluated, whether `require` or an ES module's
 * import brought it: both end in `Module._extensions`. That is before anybody gets its exports, and before
 * Node takes the snapshot of them that ES modules see. Each file is told once; a file of any other package
 * costs one look-up of its package's name.
 */
export interface LoadWatch {
  /** @returns stops watching for this listener */
  watch(packageName: string, afterLoad: Listener): () => void;
  stop(): void;
}

export function watchModuleLoads(): LoadWatch {
  const listeners = new Map<string, Set<Listener>>();
  const { _extensions: extensions } = commonJs;
  const original = extensions['.js'];
  let installed: typeof original | undefined;

  function install(): void {
    if (installed) return;
    installed = function evaluate(this: unknown, module, file) {
      Reflect.apply(original, this, [module, file]);
      const name = packageNameOfFile(file);
      const interested = name === undefined ? undefined : listeners.get(name);
      for (const listener of interested ?? []) listener(module, file);
    };
    extensions['.js'] = installed;
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
      // Somebody may have wrapped ours since; then it stays, with nothing to watch.
      if (installed && extensions['.js'] === installed) extensions['.js'] = original;
    },
  };
}
