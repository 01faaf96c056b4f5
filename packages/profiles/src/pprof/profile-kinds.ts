import type { StackProfile } from '../profiler/profile.js';

/** A profile of one kind, under the name that Pyroscope knows it by. */
export interface NamedProfile {
  /** The label `__name__` in Pyroscope. */
  readonly name: 'process_cpu' | 'wall' | 'memory';
  readonly profile: StackProfile;
}

const cpu = { type: 'cpu', unit: 'nanoseconds' };
const wall = { type: 'wall', unit: 'nanoseconds' };
const samples = { type: 'samples', unit: 'count' };

/** CPU time only, as other languages send it: `process_cpu:cpu:nanoseconds:cpu:nanoseconds`. */
export function cpuProfile(profile: StackProfile): NamedProfile {
  return { name: 'process_cpu', profile: only(profile, 2, cpu) };
}

/** Elapsed time of running code: `wall:wall:nanoseconds:wall:nanoseconds`. */
export function wallProfile(profile: StackProfile): NamedProfile {
  return { name: 'wall', profile: only(profile, 1, wall) };
}

/** `memory:inuse_space:bytes:space:bytes` */
export function heapProfile(profile: StackProfile): NamedProfile {
  return { name: 'memory', profile };
}

function only(profile: StackProfile, index: number, type: typeof cpu): NamedProfile['profile'] {
  return {
    ...profile,
    valueTypes: [samples, type],
    periodType: type,
    samples: profile.samples
      .filter(({ values }) => (values[index] ?? 0) > 0)
      .map((sample) => ({ ...sample, values: [sample.values[0] ?? 0, sample.values[index] ?? 0] })),
  };
}
