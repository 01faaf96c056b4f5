import { ObservabilityError } from '@throughline/core';
import type { ControlFile, ControlRefusal, ObservabilityPlugin } from '@throughline/core/plugin';
import { unavailable } from './profiler/engine.js';
import { loadProfilers, type Profilers } from './recording/profilers.js';
import { profileRequest, requestedProfile, requestMembers } from './recording/requested-profile.js';

/**
 * Profiles: which functions take the time and the memory of the service, with the trace, span and route of the request
 * that each sample belongs to. With `profiles.endpoint`, the process is profiled all the time. Without it, nothing
 * happens until `PUT /observability/profile` or `throughline profile` asks for a profile.
 *
 * @example
 * initObservability({
 *   plugins: [profilesPlugin()],
 *   profiles: { endpoint: 'http://pyroscope:4040' },
 * });
 */
export function profilesPlugin(): ObservabilityPlugin {
  return {
    name: 'profiles',
    setup(context) {
      let isOver = false;
      let running: Profilers | undefined;
      let loading: Promise<Profilers> | undefined;
      // With the first use: a service that is never profiled does not load the addon.
      const load = (): Promise<Profilers> => {
        loading ??= loadProfilers(context).then((loaded) => {
          if (!isOver) running = loaded;
          return loaded;
        });
        return loading;
      };
      const errorOf = (error: unknown) => (error instanceof ObservabilityError ? error : unavailable(error));

      let isBusy = false;
      async function answer(
        body: Readonly<Record<string, unknown>>,
        signal: AbortSignal,
      ): Promise<ControlFile | ControlRefusal> {
        const wanted = profileRequest(body);
        if ('status' in wanted) return wanted;
        if (isBusy)
          return { status: 409, message: 'Another profile is being taken. Try again when it is done.' };
        isBusy = true;
        try {
          const { conflict, requestParts } = await load();
          const found = conflict();
          if (found) return { status: 409, message: found.message };
          return await requestedProfile(wanted, requestParts, signal);
        } catch (error) {
          return { status: 503, message: errorOf(error).message };
        } finally {
          isBusy = false;
        }
      }
      context.answerControl({ path: 'profile', members: requestMembers, answer });

      if (context.options.profiles.endpoint !== undefined) {
        load().then(
          (loaded) => {
            if (!isOver) loaded.start();
          },
          (error: unknown) => context.report(errorOf(error)),
        );
      }
      return () => {
        isOver = true;
        running?.stop();
      };
    },
  };
}
