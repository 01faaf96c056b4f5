import type { Logger } from 'winston';
import { ObservabilityError } from '../model/errors.js';
import { shownValue } from '../model/foreign-error.js';
import { checkBoolean } from '../options/option.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { checkMillis, checkRate, checkRatio, checkRouteRatios } from '../options/sampling-options.js';
import { checkChangeOptions, type TemporarySetting, temporarySetting } from '../timing/temporary-setting.js';
import type { Sampling } from '../traces/sampling.js';

/** What of the sampling can be changed while the service runs. */
export interface SamplingChanges {
  /** Share of new traces, from 0 to 1; undefined goes back to the sampler of the options. */
  readonly ratio?: number | undefined;
  /** As the option `traces.routeRatios`. It replaces all of them. */
  readonly routeRatios?: Readonly<Record<string, number>>;
  /** As the option `traces.maxTracesPerSecond`; undefined removes the limit. */
  readonly maxTracesPerSecond?: number | undefined;
  /** As the option `traces.keepErrors`. */
  readonly keepErrors?: boolean;
  /** As the option `traces.keepSlowerThanMillis`; undefined turns it off. */
  readonly keepSlowerThanMillis?: number | undefined;
}

interface LiveSamplingSetting {
  /** Below `/observability`. */
  readonly path: string;
  /** Its name in bodies. */
  readonly member: string;
  readonly setting: TemporarySetting<unknown>;
  readonly check: (value: unknown) => unknown;
}

type When = { readonly forSeconds?: number };

export interface SamplingSettings {
  readonly all: readonly LiveSamplingSetting[];
  readonly ratio: TemporarySetting<number | undefined>;
  change(changes: SamplingChanges, when?: When): void;
}

export function createSamplingSettings(
  options: ResolvedOptions['traces'],
  sampling: Sampling,
  logger: Logger,
): SamplingSettings {
  function live<T>(
    path: string,
    member: string,
    check: (value: unknown) => unknown,
    configured: T,
    apply: (value: T) => void,
  ): LiveSamplingSetting {
    const setting = temporarySetting<T>(member, check, configured, (value) => {
      apply(value);
      logger.info(`Sampling: ${member} is ${shown(value)}.`);
    });
    return { path, member, setting: setting as TemporarySetting<unknown>, check };
  }

  const ratio = live<number | undefined>('sampling-ratio', 'ratio', orOff(checkRatio), undefined, (value) =>
    sampling.sampler.setRatio(orUndefined(value)),
  );
  const all = [
    ratio,
    live(
      'sampling/route-ratios',
      'routeRatios',
      checkRouteRatios,
      options.routeRatios,
      sampling.setRouteRatios,
    ),
    live(
      'sampling/max-traces-per-second',
      'maxTracesPerSecond',
      orOff(checkRate),
      options.maxTracesPerSecond,
      (value) => sampling.setMaxTracesPerSecond(orUndefined(value)),
    ),
    live('sampling/keep-errors', 'keepErrors', checkBoolean, options.keepErrors, (keepErrors) =>
      sampling.setTail({ keepErrors }),
    ),
    live(
      'sampling/keep-slower-than',
      'keepSlowerThanMillis',
      orOff(checkMillis),
      options.keepSlowerThanMillis,
      (value) => sampling.setTail({ keepSlowerThanMillis: orUndefined(value) }),
    ),
  ];

  return {
    all,
    ratio: ratio.setting as TemporarySetting<number | undefined>,
    change(changes, options) {
      const when = checkChangeOptions(options, ['forSeconds']);
      if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
        throw new ObservabilityError(
          'OBS_OPTION_INVALID',
          `setSampling takes an object such as { ratio: 0.1 }; it got ${shownValue(changes)}.`,
        );
      }
      const asked = Object.entries(changes).map(([name, value]) => {
        const found = all.find(({ member }) => member === name);
        if (!found) {
          const members = all.map(({ member }) => member).join(', ');
          throw new ObservabilityError(
            'OBS_OPTION_INVALID',
            `'${name.slice(0, 64)}' is not a setting of the sampling. The settings are ${members}.`,
          );
        }
        return { ...found, value };
      });
      // All or nothing.
      for (const { member, check, value } of asked) {
        try {
          check(value);
        } catch (error) {
          throw new ObservabilityError('OBS_OPTION_INVALID', `${member} ${(error as Error).message}.`);
        }
      }
      for (const { setting, value } of asked) setting.set(value, when);
    },
  };
}

/** JSON has no undefined. */
const orUndefined = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

const orOff = (check: (value: unknown) => unknown) => (value: unknown) =>
  value === undefined || value === null ? undefined : check(value);

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'as configured, or off';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
