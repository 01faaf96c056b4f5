import { ObservabilityError } from '@throughline/core';
import type { PluginContext } from '@throughline/core/plugin';
import { folderOf, loadEngine, unavailable } from '../profiler/engine.js';
import { HeapProfiler } from '../profiler/heap-profiler.js';
import { otherProfiler } from '../profiler/other-profilers.js';
import { SamplingRate } from '../profiler/sampling-rate.js';
import { TimeProfiler } from '../profiler/time-profiler.js';
import { SourceMaps } from '../sources/source-maps.js';
import { ContinuousProfiles } from './continuous-profiles.js';
import { openIntake } from './open-intake.js';
import type { RequestParts } from './requested-profile.js';

/** The profilers of one instance. */
export interface Profilers {
  readonly requestParts: RequestParts;
  /** Why profiles cannot be taken now: another profiler is at work. */
  conflict(): ObservabilityError | undefined;
  /** Profiles all the time, if the options name an intake. Reports what prevents it. */
  start(): void;
  /** Sends what was sampled last. */
  stop(): void;
}

/** @throws ObservabilityError `OBS_PROFILER_UNAVAILABLE` */
export async function loadProfilers(context: PluginContext): Promise<Profilers> {
  const { options, identity, work, logger, report } = context;
  const { profiles } = options;
  const engine = await loadEngine();
  const folder = folderOf(engine);
  const maps = new SourceMaps();
  const time = new TimeProfiler(engine, work, maps);
  const heap = new HeapProfiler(engine, maps);
  let continuous: ContinuousProfiles | undefined;

  const conflict = () => {
    // The engine is one per process; whoever started it keeps it.
    const isTaken = engine.time.isStarted() && !time.isStarted;
    const other = isTaken ? 'its profiler, @datadog/pprof, is in use' : otherProfiler(folder);
    return other === undefined
      ? undefined
      : new ObservabilityError(
          'OBS_PROFILER_CONFLICT',
          `Another profiler runs in this process: ${other}. Throughline leaves it alone, and records no profiles.`,
        );
  };

  return {
    requestParts: {
      serviceName: identity.serviceName,
      time,
      heap,
      continuous: () => continuous,
      samplingIntervalMillis: profiles.samplingIntervalMillis,
      heapIntervalBytes: profiles.heapSamplingIntervalBytes,
    },
    conflict,
    start() {
      const { types, endpoint, samplingIntervalMillis, uploadIntervalMillis } = profiles;
      if (endpoint === undefined) return;
      const found = conflict();
      if (found) {
        report(found);
        return;
      }
      const started = new ContinuousProfiles({
        time: types.some((type) => type !== 'heap') ? time : undefined,
        heap: types.includes('heap') ? heap : undefined,
        rate: new SamplingRate(samplingIntervalMillis),
        periodMillis: uploadIntervalMillis,
        heapIntervalBytes: profiles.heapSamplingIntervalBytes,
        taken: openIntake(context, endpoint, () => continuous?.flush()),
        slowed: (intervalMillis) =>
          report(
            new ObservabilityError(
              'OBS_PROFILER_SLOWED',
              `The process is overloaded. Until it recovers, profiles have a sample every ${intervalMillis} ms or less often, instead of every ${samplingIntervalMillis} ms.`,
            ),
          ),
        restored: () => logger.info(`Profiles have a sample every ${samplingIntervalMillis} ms again.`),
        mustEnd() {
          const late = conflict();
          if (late) report(late);
          return late !== undefined;
        },
      });
      try {
        started.start();
        continuous = started;
      } catch (error) {
        report(unavailable(error));
      }
    },
    stop() {
      continuous?.stop();
      continuous = undefined;
      if (time.isStarted) time.stop();
      if (heap.isStarted) heap.stop();
    },
  };
}
