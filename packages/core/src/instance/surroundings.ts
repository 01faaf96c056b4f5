import { type Environment, readEnvironment } from '../model/environment.js';
import type { ObservabilityError } from '../model/errors.js';
import { type NamedPackage, readServicePackage } from '../model/identity.js';
import { type ResolveResult, resolveOptions } from '../options/resolve.js';
import type { ObservabilityOptions } from './observability-options.js';

/** The environment of a call of `initObservability`. The `register` entry and tests set it. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly configFile?: { readonly path: string; readonly options: ObservabilityOptions } | undefined;
  /** Whether the plugins were found among the installed packages instead of being listed by the service. */
  readonly arePluginsFound?: boolean;
  /** What went wrong before, to be logged now. */
  readonly problems?: readonly ObservabilityError[];
  readonly writeLine?: (line: string) => void;
  /** Default: the nearest package.json of the started script. */
  readonly servicePackage?: NamedPackage;
}

/** What an instance starts from. */
export interface Settled {
  readonly environment: Environment;
  readonly resolved: ResolveResult;
  readonly servicePackage: () => NamedPackage;
  /** The path of the config file that was read. */
  readonly configFile: string | undefined;
  /** What went wrong before and while the options were settled. */
  readonly problems: readonly ObservabilityError[];
}

/** Settles the options of a call in its surroundings. */
export function settle(code: ObservabilityOptions, surroundings: Surroundings): Settled {
  const environment = surroundings.environment ?? readEnvironment();
  const { options, sources, warnings } = resolveOptions(code, environment, surroundings.configFile?.options);
  return {
    environment,
    resolved: {
      options,
      sources: surroundings.arePluginsFound ? { ...sources, plugins: 'installed packages' } : sources,
      warnings,
    },
    servicePackage: () => surroundings.servicePackage ?? readServicePackage(process.argv[1]),
    configFile: surroundings.configFile?.path,
    problems: [...(surroundings.problems ?? []), ...warnings],
  };
}
