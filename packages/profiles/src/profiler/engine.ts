import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ObservabilityError } from '@throughline/core';

/** The package that takes the samples. It has a native addon, so it is loaded only when profiles are wanted. */
export type Engine = typeof import('@datadog/pprof');

/**
 * @throws ObservabilityError `OBS_PROFILER_UNAVAILABLE` if there is no binary for this platform or Node, or if the process
 * must not load addons
 */
export async function loadEngine(): Promise<Engine> {
  try {
    const loaded = (await import('@datadog/pprof')) as Engine & { readonly default?: Engine };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw unavailable(cause);
  }
}

export function unavailable(cause: unknown): ObservabilityError {
  const reason = String((cause as { readonly message?: unknown } | undefined)?.message ?? cause).split(
    '\n',
    1,
  )[0];
  return new ObservabilityError(
    'OBS_PROFILER_UNAVAILABLE',
    `Profiles are off, because the profiler could not be started on ${process.platform} ${process.arch} with Node ${process.version}: ${reason}.`,
    { cause },
  );
}

/** Folder of the package in which the engine's functions were defined. */
export function folderOf(engine: Engine): string | undefined {
  const { cache } = createRequire(join(process.cwd(), 'package.json'));
  for (const loaded of Object.values(cache)) {
    if (loaded?.exports === engine) return loaded.filename.replace(/[\\/]out[\\/]src[\\/]index\.js$/, '');
  }
  return undefined;
}
