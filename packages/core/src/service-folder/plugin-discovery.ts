import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';

/** Throughline's own plugins, and those of others by their name. */
const pluginPackage = /^(@throughline\/(?!core$)|(@[^/]+\/)?throughline-plugin-)/;

export interface InstalledPlugins {
  readonly plugins: readonly ObservabilityPlugin[];
  readonly problems: readonly ObservabilityError[];
}

/**
 * Makes the plugins that the package.json of these folders name among their dependencies. A plugin that several name is
 * taken from the first. A plugin package exports a function `throughlinePlugin` that takes no arguments.
 */
export function loadInstalledPlugins(folders: readonly string[]): InstalledPlugins {
  const plugins: ObservabilityPlugin[] = [];
  const problems: ObservabilityError[] = [];
  for (const [name, folder] of namedPlugins(folders)) {
    try {
      const load = createRequire(join(folder, 'package.json'));
      const { throughlinePlugin } = load(name) as { throughlinePlugin?: () => ObservabilityPlugin };
      if (typeof throughlinePlugin !== 'function') throw new Error("it does not export 'throughlinePlugin'");
      plugins.push(throughlinePlugin());
    } catch (cause) {
      problems.push(
        new ObservabilityError(
          'OBS_PLUGIN_NOT_LOADED',
          `The installed plugin '${name}' could not be loaded: ${errorReason(cause)}.`,
          { cause },
        ),
      );
    }
  }
  return { plugins, problems };
}

/** In the order of their names, each with the first folder that names it. */
function namedPlugins(folders: readonly string[]): (readonly [name: string, folder: string])[] {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const name of dependencies(folder)) {
      if (pluginPackage.test(name) && !found.has(name)) found.set(name, folder);
    }
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1));
}

function dependencies(folder: string): string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const all = { ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.dependencies };
    return Object.keys(all);
  } catch {
    return [];
  }
}
