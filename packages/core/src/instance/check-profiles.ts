import { ObservabilityError } from '../model/errors.js';
import type { ResolvedOptions } from '../options/resolve.js';

/** An endpoint alone makes no profiles, because the profiler is a package of its own. */
export function checkProfiles(
  { profiles, plugins }: Pick<ResolvedOptions, 'profiles' | 'plugins'>,
  report: (error: ObservabilityError) => void,
): void {
  if (profiles.endpoint === undefined || plugins.some(({ name }) => name === 'profiles')) return;
  report(new ObservabilityError('OBS_PROFILES_NOT_RECORDED'));
}
