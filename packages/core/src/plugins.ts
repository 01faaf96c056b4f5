import { ObservabilityError } from './errors.js';
import type { ObservabilityPlugin, PluginContext } from './plugin.js';

export interface PluginSet {
  /** Names of the plugins whose setup succeeded. */
  readonly names: readonly string[];
  tearDown(): void;
}

/** Sets the plugins up one by one; one that throws is reported and left out. */
export function setUpPlugins(
  plugins: readonly ObservabilityPlugin[],
  report: (error: ObservabilityError) => void,
  contextFor: (name: string) => PluginContext,
): PluginSet {
  const names: string[] = [];
  const tearDowns: (() => void)[] = [];
  for (const plugin of plugins) {
    try {
      const tearDown = plugin.setup(contextFor(plugin.name));
      names.push(plugin.name);
      if (typeof tearDown === 'function') tearDowns.push(tearDown);
    } catch (cause) {
      report(
        new ObservabilityError(
          'OBS_PLUGIN_SETUP_FAILED',
          `Plugin '${plugin.name}' could not be set up: ${cause instanceof Error ? cause.message : String(cause)}.`,
          { cause },
        ),
      );
    }
  }
  return {
    names,
    tearDown() {
      for (const tearDown of tearDowns.splice(0).reverse()) {
        try {
          tearDown();
        } catch {
          // One plugin that cannot clean up must not keep the others.
        }
      }
    },
  };
}
