import { register as defaultRegistry, Registry } from 'prom-client';
import { ObservabilityError } from '../model/errors.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { isObjectWith } from '../options/option.js';
import { commonJs, copyOfFile, loadedFiles } from '../patching/loaded-packages.js';
import type { LoadWatch } from '../patching/module-load.js';

const isRegistry = isObjectWith<MetricRegistry>('getMetricsAsArray', 'registerMetric');

const clients = ['prom-client', '@prometheus-io/client'];

type RegistryFile = readonly [name: string, file: string];

/** The default registries of all copies of prom-client and `@prometheus-io/client` that are loaded. */
export class ClientRegistries {
  /** The files that export a registry. */
  private files: readonly RegistryFile[] | undefined;
  private isToldOfLoads = false;

  /** @param unusable told of a copy whose registry cannot be read */
  constructor(private readonly unusable: (name: string, file: string) => void) {}

  /** From now on, files are searched only after a copy has been loaded: a look at all loaded files is a tenth of a small scrape. */
  follow(loads: Pick<LoadWatch, 'watch'>): void {
    for (const name of clients) {
      loads.watch(name, () => {
        this.files = undefined;
      });
    }
    this.files = undefined;
    this.isToldOfLoads = true;
  }

  /** Those that are loaded by now. */
  all(): MetricRegistry[] {
    const found: MetricRegistry[] = [defaultRegistry];
    if (!this.isToldOfLoads) this.files = undefined;
    this.files ??= registryFiles();
    for (const [name, file] of this.files) {
      const loaded = commonJs._cache[file];
      // The service has removed it, to load it again.
      if (loaded === undefined) continue;
      const { register } = (loaded.exports ?? {}) as { readonly register?: unknown };
      if (!isRegistry(register)) this.unusable(name, file);
      else if (!found.includes(register)) found.push(register);
    }
    return found;
  }
}

function registryFiles(): readonly RegistryFile[] {
  const files: RegistryFile[] = [];
  for (const name of clients) {
    for (const [file, { exports }] of loadedFiles(name)) {
      if (typeof exports === 'object' && exports !== null && 'register' in exports) files.push([name, file]);
    }
  }
  return files;
}

/** Reports once, for each copy of prom-client, that it is too old: that of the service, or that of core if an override pins it. */
export function oldClients(report: (error: ObservabilityError) => void) {
  const said = new Set<string>();
  const say = (name: string, file: string, consequence: string) => {
    const { folder, version } = copyOfFile(name, file) ?? { folder: file, version: undefined };
    if (said.has(folder)) return;
    said.add(folder);
    report(
      new ObservabilityError(
        'OBS_PACKAGE_TOO_OLD',
        `${name} ${version ?? ''} in ${folder} is too old: ${consequence}.`,
        {
          fix: `Install ${name} 15: \`npm ls ${name}\` shows who holds the old one; remove an override of it.`,
        },
      ),
    );
  };
  if (typeof Registry.prototype.setContentType !== 'function') {
    const bundledClient = loadedFiles('prom-client').find(
      ([, { exports }]) => (exports as { register?: unknown } | undefined)?.register === defaultRegistry,
    );
    say(
      'prom-client',
      bundledClient?.[0] ?? '',
      'Throughline is made for version 15, and what it measures with it may be wrong',
    );
  }
  return (name: string, file: string) => say(name, file, 'its metrics are not in the answers of /metrics');
}
