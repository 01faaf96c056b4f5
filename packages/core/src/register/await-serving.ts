import Module from 'node:module';
import { Server } from 'node:net';
import { resolve } from 'node:path';
import { installedPackageOf } from './installed-package.js';

/** The functions of Node's CommonJS loader that are replaced. */
interface CommonJsLoader {
  _load(this: unknown, request: string, parent: unknown, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: unknown, isMain: boolean): string;
}

/**
 * Calls back before an installed program begins to serve: before it listens on a port for the first time, or before
 * it runs a script of the service in its own process, as `ts-node server.ts` does. Such programs put the script
 * in `process.argv[1]`, as if the script had been started directly.
 *
 * @param start is given the script of the service, if there is one
 */
export function awaitServing(start: (script: string | undefined) => void): void {
  const startedWith = process.argv[1];
  const loader = Module as unknown as CommonJsLoader;
  const { _load: load } = loader;
  const { listen } = Server.prototype;
  let isOver = false;

  const begin = (script: string | undefined) => {
    if (isOver) return;
    isOver = true;
    // If other code has wrapped it in the meantime, it stays in place and does nothing.
    if (Server.prototype.listen === listenAfterStart) Server.prototype.listen = listen;
    if (loader._load === loadAfterStart) loader._load = load;
    start(script);
  };
  const listenAfterStart = function (this: Server, ...args: unknown[]) {
    if (!isOver && isPort(args[0])) begin(undefined);
    return Reflect.apply(listen, this, args);
  } as typeof listen;
  const loadAfterStart: CommonJsLoader['_load'] = function (request, parent, isMain) {
    if (!isOver) {
      const script = handedOver(request, parent, isMain);
      if (script !== undefined) begin(script);
    }
    return Reflect.apply(load, this, [request, parent, isMain]);
  };
  Server.prototype.listen = listenAfterStart;
  loader._load = loadAfterStart;

  function handedOver(request: string, parent: unknown, isMain: boolean): string | undefined {
    const script = process.argv[1];
    if (
      script === undefined ||
      script === startedWith ||
      installedPackageOf(script.replaceAll('\\', '/')) !== undefined
    )
      return undefined;
    try {
      const wanted = loader._resolveFilename(resolve(script), null, true);
      return loader._resolveFilename(request, parent, isMain) === wanted ? wanted : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Tools listen on sockets of the file system to talk among themselves; a port is for others. */
function isPort(where: unknown): boolean {
  if (typeof where === 'object' && where !== null) return !('path' in where && where.path !== undefined);
  if (typeof where === 'string') return /^\d+$/.test(where);
  return true;
}
