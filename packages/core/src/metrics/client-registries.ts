import { register as defaultRegistry, Registry } from 'prom-client';
import { ObservabilityError } from '../model/errors.js';
import type { MetricRegistry } from '../options/metric-options.js';
import { isObjectWith } from '../options/option.js';
import { commonJs, copyOfFile, loadedFiles, loadedState } from '../patching/loaded-packages.js';

const isRegistry = isObjectWith<MetricRegistry>('getMetricsAsArray', 'registerMetric');

const clients = ['prom-client', '@prometheus-io/client'];

/** The files that export a registry, as of the time when this was the state of what is loaded. */
let known: { readonly state: object; readonly files: readonly [name: string, file: string][] } | undefined;

/**
 * The default registries of all copies of prom-client and `@prometheus-io/client` that are loaded by now.
 *
 * @param unusable told of a copy whose registry cannot be read
 */
export function defaultRegistries(unusable?: (name: string, file: string) => void): MetricRegistry[] {
  const found = new Set<MetricRegistry>([defaultRegistry]);
  for (const [name, file] of registryFiles()) {
    const { register } = (commonJs._cache[file]?.exports ?? {}) as { readonly register?: unknown };
    if (isRegistry(register)) found.add(register);
    else unusable?.(name, file);
  }
  return [...found];
}

function registryFiles(): readonly [name: string, file: string][] {
  const state = loadedState();
  if (known?.state === state) return known.files;
  const files: [string, string][] = [];
  for (const name of clients) {
    for (const [file, { exports }] of loadedFiles(name)) {
      if (typeof exports === 'object' && exports !== null && 'register' in exports) files.push([name, file]);
    }
  }
  known = { state, files };
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
