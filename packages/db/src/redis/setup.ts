import { exported, isPatched } from '@throughline/core/plugin';
import type { DatabaseClientContext, DatabaseClientSetup } from '../client/client-context.js';
import { createRedisOperations, type RedisOperations } from './operations.js';
import { patchClient } from './patch-client.js';
import { type CallerOfQueue, patchClient4, patchQueue4 } from './patch-client-4.js';

/** Its name until redis 4.1 comes second. */
const packagesOf4 = ['@redis/client', '@node-redis/client'];

/** Commands, pipelines and transactions of node-redis 4 to 6 (`redis` and `@redis/client`), pools and clusters too. */
export const setUpRedis: DatabaseClientSetup = (context) => {
  const operations = createRedisOperations(context);
  const caller: CallerOfQueue = { client: undefined, isBatch: false };
  const clientFile = 'dist/lib/client/index.js';
  context.patchModule({
    name: '@redis/client',
    file: clientFile,
    supportedVersions: ['>=5.0.0 <7'],
    patch: (moduleExports) => patchClient(classIn(moduleExports), operations),
  });
  for (const name of packagesOf4) {
    context.patchModule({
      name,
      file: clientFile,
      supportedVersions: ['>=1.0.0 <2'],
      patch: (moduleExports) => patchClient4(classIn(moduleExports), operations, caller),
    });
    context.patchModule({
      name,
      file: 'dist/lib/client/commands-queue.js',
      supportedVersions: ['>=1.0.0 <2'],
      patch: (moduleExports) => patchQueue4(classIn(moduleExports), operations, caller),
    });
  }
  if (context.modules) patchBundled(context, operations);
  return undefined;
};

/** Bundled: the package hides the class of its clients, but not its clients. */
function patchBundled({ patchModule, modules }: DatabaseClientContext, operations: RedisOperations): void {
  for (const name of ['redis', '@redis/client']) {
    if (modules?.[name] === undefined) continue;
    // No version: the copies in the module cache are patched above.
    const patch = (moduleExports: unknown) => patchBundledClients(moduleExports, operations);
    patchModule({ name, supportedVersions: [], patch }, modules);
  }
}

export function patchBundledClients(moduleExports: unknown, operations: RedisOperations): () => void {
  return patchClient(prototypeOfClients(moduleExports), operations);
}

function classIn(moduleExports: unknown): object {
  const { default: Class } = moduleExports as { default?: { prototype?: object } };
  if (!Class?.prototype) throw new Error('it has no class of clients');
  return Class.prototype;
}

/** The class that has `sendCommand`, behind the one that is made for the commands of the client. */
function prototypeOfClients(moduleExports: unknown): object {
  const createClient = exported(moduleExports, 'createClient');
  if (typeof createClient !== 'function') throw new Error("it has no function 'createClient'");
  // It connects to nothing.
  let prototype: unknown = createClient();
  while (typeof prototype === 'object' && prototype !== null) {
    if (Object.hasOwn(prototype, 'sendCommand') && Object.hasOwn(prototype, '_executeMulti'))
      return prototype;
    // Version 4 outside a bundle: patched above, by its files.
    if (Object.hasOwn(prototype, 'multiExecutor') && isPatched(prototype, 'db')) return prototype;
    prototype = Object.getPrototypeOf(prototype);
  }
  throw new Error('its clients are not those of version 5 or 6; leave version 4 out of the bundle');
}
