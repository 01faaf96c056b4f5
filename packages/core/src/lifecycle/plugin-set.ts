import { ObservabilityError } from '../model/errors.js';
import { errorReason } from '../model/foreign-error.js';
import { isLateAnswer } from '../model/late-rejection.js';
import type { Part } from '../model/part.js';
import type { ObservabilityPlugin, PluginContext } from '../plugin/plugin.js';

export interface PluginSet extends Part {
  /** Names of the plugins whose setup succeeded at start. */
  readonly names: readonly string[];
  isOn(name: string): boolean;
  /** Tears a plugin down, or sets it up again; one that is so already stays as it is. */
  switch(name: string, on: boolean): void;
  stop(): void;
}

/** Collects the functions that undo the calls of a plugin's context. */
export type OnTearDown = (undo: () => void) => void;

/** Sets the plugins up one by one; one that throws is reported and left out. */
export function setUpPlugins(
  plugins: readonly ObservabilityPlugin[],
  report: (error: ObservabilityError) => void,
  contextFor: (name: string, onTearDown: OnTearDown) => PluginContext,
): PluginSet {
  const running = new Map<ObservabilityPlugin, (() => void)[]>();

  const setUp = (plugin: ObservabilityPlugin) => {
    const fail = (cause: unknown) =>
      report(
        new ObservabilityError(
          'OBS_PLUGIN_SETUP_FAILED',
          `Plugin '${plugin.name}' could not be set up: ${errorReason(cause)}.`,
          { cause },
        ),
      );
    const undos: (() => void)[] = [];
    try {
      const undo: unknown = plugin.setup(contextFor(plugin.name, (undo) => undos.push(undo)));
      // Before the calls of the context are undone, because it may rely on them.
      if (typeof undo === 'function') undos.push(undo as () => void);
      else isLateAnswer(undo, fail);
      running.set(plugin, undos);
    } catch (cause) {
      undoAll(undos);
      fail(cause);
    }
  };
  const tearDown = (plugin: ObservabilityPlugin) => {
    const undos = running.get(plugin) ?? [];
    running.delete(plugin);
    undoAll(undos);
  };

  for (const plugin of plugins) setUp(plugin);
  return {
    names: [...running.keys()].map(({ name }) => name),
    isOn: (name) => [...running.keys()].some((plugin) => plugin.name === name),
    switch(name, on) {
      for (const plugin of plugins) {
        if (plugin.name !== name || running.has(plugin) === on) continue;
        if (on) setUp(plugin);
        else tearDown(plugin);
      }
    },
    stop() {
      for (const plugin of [...running.keys()].reverse()) tearDown(plugin);
    },
  };
}

function undoAll(undos: (() => void)[]): void {
  for (const undo of undos.reverse()) {
    try {
      isLateAnswer(undo());
    } catch {
      // One plugin that cannot clean up must not keep the others.
    }
  }
}
