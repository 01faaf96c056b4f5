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
 * Makes the plugins that a service's package.json names among its dependencies. A plugin package exports a
 * function `throughlinePlugin` that takes no arguments.
 */
export function loadInstalledPlugins(folder: string): InstalledPlugins {
  const plugins: ObservabilityPlugin[] = [];
  const problems: ObservabilityError[] = [];
  const load = createRequire(join(folder, 'package.json'));
  for (const name of dependencies(folder).filter((dependency) => pluginPackage.test(dependency))) {
    try {
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

function dependencies(folder: string): string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const all = { ...manifest.devDependencies, ...manifest.optionalDependencies, ...manifest.dependencies };
    return Object.keys(all).sort();
  } catch {
    return [];
  }
}
