import { commonJs, packageNameOfFile, packageNameOfRequest } from './loaded-packages.js';

type Listener = () => void;

/**
 * Tells when a CommonJS module of a watched package has been loaded, by `require` or by an ES module's
 * import: both pass through `Module._load`. A request for anything else costs one look-up of its name.
 */
export interface LoadWatch {
  /** @returns stops watching for this listener */
  watch(packageName: string, afterLoad: Listener): () => void;
  stop(): void;
}

export function watchModuleLoads(): LoadWatch {
  const listeners = new Map<string, Set<Listener>>();
  const original = commonJs._load;
  let installed: typeof original | undefined;

  function install(): void {
    if (installed) return;
    installed = function _load(this: unknown, request, parent, isMain) {
      const name = typeof request === 'string' ? watchedName(request) : undefined;
      if (name === undefined) return Reflect.apply(original, this, [request, parent, isMain]);
      const loaded = Reflect.apply(original, this, [request, parent, isMain]);
      for (const listener of listeners.get(name) ?? []) listener();
      return replacedExports(request, parent, isMain, loaded);
    };
    commonJs._load = installed;
  }

  function watchedName(request: string): string | undefined {
    const name =
      request.charCodeAt(0) === 47 || request.charCodeAt(1) === 58
        ? packageNameOfFile(request)
        : packageNameOfRequest(request);
    return name !== undefined && listeners.has(name) ? name : undefined;
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
      if (installed && commonJs._load === installed) commonJs._load = original;
    },
  };
}

/** An instrumentation may have put other exports in the cache; the caller must get those. */
function replacedExports(
  request: string,
  parent: { filename?: string } | undefined,
  isMain: boolean,
  loaded: unknown,
): unknown {
  try {
    const entry = commonJs._cache[commonJs._resolveFilename(request, parent, isMain)];
    return entry?.loaded ? entry.exports : loaded;
  } catch {
    return loaded;
  }
}
