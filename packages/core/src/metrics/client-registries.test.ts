import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { register as defaultRegistry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchModuleLoads } from '../patching/module-load.js';
import { ClientRegistries } from './client-registries.js';

const require = createRequire(import.meta.url);
const clientFolder = dirname(require.resolve('prom-client'));

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-clients-')));
});
const watch = watchModuleLoads();
afterEach(() => {
  watch.stop();
  rmSync(folder, { recursive: true });
});

/** A service with its own copy of prom-client. */
function serviceWithCopy(): NodeJS.Require {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@opentelemetry'), { recursive: true });
  cpSync(clientFolder, join(modules, 'prom-client'), {
    recursive: true,
    filter: (source) => !source.slice(clientFolder.length).includes('node_modules'),
  });
  const ofClient = createRequire(join(clientFolder, 'index.js'));
  for (const name of ['tdigest', '@opentelemetry/api']) {
    const file = ofClient.resolve(name);
    const inModules = join('node_modules', name);
    symlinkSync(file.slice(0, file.lastIndexOf(inModules) + inModules.length), join(modules, name));
  }
  return createRequire(join(folder, 'service.js'));
}

test.each([true, false])(
  'a copy of prom-client that is loaded later is found, and no longer once it is removed; told of loads: %s',
  (isTold) => {
    const unusable: string[] = [];
    const clients = new ClientRegistries((_name, file) => unusable.push(file));
    const others = () => clients.all().filter((registry) => registry !== defaultRegistry);
    if (isTold) clients.follow(watch);
    expect(others()).toHaveLength(0);

    const service = serviceWithCopy();
    const load = () => (service('prom-client') as typeof import('prom-client')).register;
    const unload = () => {
      for (const file of Object.keys(service.cache)) if (file.startsWith(folder)) delete service.cache[file];
    };
    const first = load();
    for (const found of [others(), others()]) {
      expect(found).toHaveLength(1);
      expect(found[0]).toBe(first);
    }
    // As a service does that loads its modules again, for example while it is developed.
    unload();
    expect(others()).toHaveLength(0);
    const second = load();
    expect(second).not.toBe(first);
    expect(others()).toHaveLength(1);
    expect(others()[0]).toBe(second);
    unload();
    expect(clients.all()).toHaveLength(1);
    expect(unusable).toEqual([]);
  },
);
