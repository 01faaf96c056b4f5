import { randomUUID } from 'node:crypto';
import type { Identity, PluginExport, ResolvedOptions } from '@throughline/core/plugin';
import { encodePprof } from '../pprof/encode.js';
import { cpuProfile, heapProfile, type NamedProfile, wallProfile } from '../pprof/profile-kinds.js';
import { sampleLabels } from '../pprof/sample-labels.js';
import type { TakenProfile } from '../profiler/time-profiler.js';
import { identityLabels } from '../send/identity-labels.js';
import { pushRequest } from '../send/push-request.js';

/** Sends what was taken in a period to Pyroscope. */
export function sendToPyroscope(
  { types, traceIds }: ResolvedOptions['profiles'],
  identity: Identity,
  intake: PluginExport,
): (time: TakenProfile | undefined, heap: TakenProfile | undefined) => void {
  const common = identityLabels(identity);
  const kinds = new Set(types);

  async function bodyOf(profiles: Promise<NamedProfile[]>): Promise<Uint8Array> {
    const labelsOf = sampleLabels(traceIds);
    return pushRequest(
      await Promise.all(
        (await profiles).map(async ({ name, profile }) => ({
          labels: { __name__: name, ...common },
          id: randomUUID(),
          pprof: await encodePprof(profile, labelsOf),
        })),
      ),
    );
  }

  return (time, heap) => {
    const count = (time === undefined ? 0 : timeKinds(kinds)) + (heap === undefined ? 0 : 1);
    if (count > 0) void intake.send(bodyOf(namedProfiles(kinds, time, heap)), count);
  };
}

const timeKinds = (kinds: ReadonlySet<string>) => [...kinds].filter((kind) => kind !== 'heap').length;

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
