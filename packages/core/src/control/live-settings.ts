import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'winston';
import type { Diagnose } from '../diagnosis/diagnosis.js';
import type { PluginSet } from '../lifecycle/plugin-set.js';
import type { AdjustableLevel } from '../logs/log-pipeline.js';
import { ObservabilityError } from '../model/errors.js';
import { shownValue } from '../model/foreign-error.js';
import type { Part } from '../model/part.js';
import { checkBoolean } from '../options/option.js';
import type { ResolvedOptions } from '../options/resolve.js';
import type { ControlPath } from '../plugin/control.js';
import { checkChangeOptions, type TemporarySetting, temporarySetting } from '../timing/temporary-setting.js';
import type { Sampling } from '../traces/sampling.js';
import { type Control, type ControlChange, createControlHandler } from './control-handler.js';
import { createSamplingSettings, type SamplingChanges } from './sampling-settings.js';

export interface LiveParts {
  readonly options: ResolvedOptions;
  readonly logger: Logger;
  readonly logLevel: AdjustableLevel;
  readonly sampling: Sampling;
  readonly plugins: PluginSet;
  readonly diagnose: Diagnose;
  /** What plugins answer. */
  readonly files: ReadonlyMap<string, ControlPath>;
}

/** What can be changed while the service runs, in code and over HTTP. */
export interface LiveSettings extends Part {
  setLogLevel: AdjustableLevel['set'];
  setSamplingRatio(ratio: number, options?: { readonly forSeconds?: number }): void;
  setSampling(changes: SamplingChanges, options?: { readonly forSeconds?: number }): void;
  setPluginEnabled(name: string, enabled: boolean, options?: { readonly forSeconds?: number }): void;
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Makes a change that another process of the service was told to make. What this one does not have is left out. */
  apply(change: ControlChange): void;
  /** From now on the listener is called for every change over HTTP. */
  onChange(tell: (change: ControlChange) => void): void;
  stop(): void;
}

export function createLiveSettings({
  options,
  logger,
  logLevel,
  sampling,
  plugins,
  diagnose,
  files,
}: LiveParts): LiveSettings {
  const samplingSettings = createSamplingSettings(options.traces, sampling, logger);
  const pluginSettings = new Map(
    plugins.names.map((name) => [
      name,
      temporarySetting<boolean>('enabled', checkBoolean, true, (enabled) => {
        plugins.switch(name, enabled);
        logger.info(`Plugin ${name}: ${plugins.isOn(name) ? 'on' : 'off'}.`);
      }),
    ]),
  );

  const controls = new Map<string, Control>([
    ['log-level', control('level', logLevel.service, () => logger.level)],
  ]);
  for (const { path, member, setting } of samplingSettings.all) {
    controls.set(
      path,
      control(member, setting, () => setting.state().value ?? null),
    );
  }
  for (const [name, setting] of pluginSettings) {
    controls.set(
      `plugins/${name}`,
      control('enabled', setting, () => plugins.isOn(name)),
    );
  }

  const find = (path: string): Control | undefined => {
    const known = controls.get(path);
    if (known) return known;
    const name = /^log-level\/(.+)$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    const setting = logLevel.child(name);
    return control('level', setting, () => setting.state().value ?? null);
  };
  let changed = (_: ControlChange) => {};

  return {
    setLogLevel: logLevel.set,
    setSamplingRatio: (ratio, options) =>
      samplingSettings.ratio.set(ratio, checkChangeOptions(options, ['forSeconds'])),
    setSampling: samplingSettings.change,
    setPluginEnabled(name, enabled, options) {
      const setting = pluginSettings.get(name);
      if (!setting) {
        throw new ObservabilityError(
          'OBS_OPTION_INVALID',
          `There is no plugin '${shownValue(name)}'. These plugins are set up: ${plugins.names.join(', ') || 'none'}.`,
          { fix: 'Use one of the names in observability.plugins.' },
        );
      }
      setting.set(enabled, checkChangeOptions(options, ['forSeconds']));
    },
    handler: createControlHandler(controls, options.control.token, logger, {
      furtherControl: find,
      diagnose,
      files,
      changed: (change) => changed(change),
    }),
    apply({ path, value, forSeconds }) {
      const setting = find(path)?.setting;
      if (value === undefined) setting?.reset();
      else setting?.set(value, forSeconds === undefined ? {} : { forSeconds });
    },
    onChange(tell) {
      changed = tell;
    },
    stop() {
      for (const setting of [
        logLevel,
        ...samplingSettings.all.map((each) => each.setting),
        ...pluginSettings.values(),
      ])
        setting.stop();
    },
  };
}

function control<T>(member: string, setting: TemporarySetting<T>, value: () => unknown): Control {
  // Values from outside are checked by the setting itself.
  return { member, setting: setting as TemporarySetting<unknown>, value };
}
