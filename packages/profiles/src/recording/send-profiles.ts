import { randomUUID } from 'node:crypto';
import type { Identity, PluginExport, ResolvedOptions } from '@throughline/core/plugin';
import { encodePprof } from '../pprof/encode.js';
import { cpuProfile, heapProfile, type NamedProfile, wallProfile } from '../pprof/profile-kinds.js';
import { sampleLabels } from '../pprof/sample-labels.js';
import type { TakenProfile } from '../profiler/time-profiler.js';
import { identityLabels } from '../send/identity-labels.js';
import { otlpProfilesRequest } from '../send/otlp-request.js';
import { pushRequest } from '../send/push-request.js';

export type SendTaken = (time: TakenProfile | undefined, heap: TakenProfile | undefined) => void;

/** Turns profiles into the body of one request. */
export type WriteRequest = (profiles: readonly NamedProfile[]) => Promise<Uint8Array>;

/** Sends what was taken in a period. */
export function sendProfiles(
  types: ResolvedOptions['profiles']['types'],
  write: WriteRequest,
  intake: PluginExport,
): SendTaken {
  const kinds = new Set(types);
  const timeKinds = types.filter((kind) => kind !== 'heap').length;
  return (time, heap) => {
    const count = (time === undefined ? 0 : timeKinds) + (heap === undefined ? 0 : 1);
    if (count > 0) void intake.send(namedProfiles(kinds, time, heap).then(write), count);
  };
}

/** For Pyroscope. */
export function pushWriter({ traceIds }: ResolvedOptions['profiles'], identity: Identity): WriteRequest {
  const common = identityLabels(identity);
  return async (profiles) => {
    const labelsOf = sampleLabels(traceIds);
    return pushRequest(
      await Promise.all(
        profiles.map(async ({ name, profile }) => ({
          labels: { __name__: name, ...common },
          id: randomUUID(),
          pprof: await encodePprof(profile, labelsOf),
        })),
      ),
    );
  };
}

/** For intakes of OTLP. */
export function otlpWriter(identity: Identity): WriteRequest {
  return async (profiles) =>
    otlpProfilesRequest(
      identity.resourceAttributes,
      profiles.map(({ profile }) => profile),
    );
}

/** What was taken, by the kinds that are wanted. */
async function namedProfiles(
  kinds: ReadonlySet<string>,
  time: TakenProfile | undefined,
  heap: TakenProfile | undefined,
): Promise<NamedProfile[]> {
  const named: NamedProfile[] = [];
  const read = await time?.read();
  if (read && kinds.has('cpu')) named.push(cpuProfile(read));
  if (read && kinds.has('wall')) named.push(wallProfile(read));
  if (heap) named.push(heapProfile(await heap.read()));
  return named;
}
