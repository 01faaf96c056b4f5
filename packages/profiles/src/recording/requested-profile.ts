import { setTimeout as wait } from 'node:timers/promises';
import type { ControlFile, ControlRefusal } from '@throughline/core/plugin';
import { cpuProfileFile } from '../pprof/cpu-profile-file.js';
import { encodePprof } from '../pprof/encode.js';
import { cpuProfile, heapProfile, wallProfile } from '../pprof/profile-kinds.js';
import { sampleLabels } from '../pprof/sample-labels.js';
import type { HeapProfiler } from '../profiler/heap-profiler.js';
import type { StackProfile } from '../profiler/profile.js';
import type { TimeProfiler } from '../profiler/time-profiler.js';
import { type ContinuousProfiles, maxRequestedMillis } from './continuous-profiles.js';

const types = ['cpu', 'wall', 'heap'] as const;
const formats = ['pprof', 'cpuprofile'] as const;
const defaultSeconds = 30;
const minSeconds = 0.1;
const maxSeconds = maxRequestedMillis / 1_000;

export interface ProfileRequest {
  readonly seconds: number;
  readonly type: (typeof types)[number];
  readonly format: (typeof formats)[number];
}

/** Members of the body of `PUT /observability/profile`. */
export const requestMembers = ['seconds', 'type', 'format'];

/** What a body asks for, or why it cannot be had. */
export function profileRequest(body: Readonly<Record<string, unknown>>): ProfileRequest | ControlRefusal {
  const { seconds = defaultSeconds, type = 'cpu', format = 'pprof' } = body;
  const refused = (message: string) => ({ status: 400, message });
  if (typeof seconds !== 'number' || !(seconds >= minSeconds && seconds <= maxSeconds)) {
    return refused(`seconds takes a number from ${minSeconds} to ${maxSeconds}.`);
  }
  const knownType = types.find((each) => each === type);
  if (knownType === undefined) return refused(`type takes one of ${types.join(', ')}.`);
  const knownFormat = formats.find((each) => each === format);
  if (knownFormat === undefined) return refused(`format takes one of ${formats.join(', ')}.`);
  if (knownType === 'heap' && knownFormat !== 'pprof')
    return refused('A heap profile has only the format pprof.');
  return { seconds, type: knownType, format: knownFormat };
}

export interface RequestParts {
  readonly serviceName: string;
  readonly time: TimeProfiler;
  readonly heap: HeapProfiler;
  /** Undefined while the process is not profiled all the time. */
  readonly continuous: () => ContinuousProfiles | undefined;
  readonly samplingIntervalMillis: number;
  readonly heapIntervalBytes: number;
}

/** Takes one profile and makes a file of it. */
export async function requestedProfile(
  { seconds, type, format }: ProfileRequest,
  parts: RequestParts,
  signal: AbortSignal,
): Promise<ControlFile | ControlRefusal> {
  const millis = seconds * 1_000;
  const profile = await (type === 'heap' ? takeHeap : takeTime)(millis, parts, signal);
  if (profile === undefined) return { status: 503, message: 'The profiler was switched off.' };
  const name = `${parts.serviceName.replace(/[^\w.-]+/g, '-')}-${type}-${fileTime(profile.endMillis)}`;
  if (format === 'cpuprofile') {
    return {
      contentType: 'application/json; charset=utf-8',
      fileName: `${name}.cpuprofile`,
      body: Buffer.from(JSON.stringify(cpuProfileFile(profile))),
    };
  }
  const named = { cpu: cpuProfile, wall: wallProfile, heap: heapProfile }[type](profile);
  return {
    contentType: 'application/octet-stream',
    fileName: `${name}.pb.gz`,
    body: await encodePprof(named.profile, sampleLabels(true)),
  };
}

/** `20270131T120000Z`: fits into the name of a file everywhere. */
function fileTime(millis: number): string {
  return `${new Date(millis).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
}

async function takeTime(
  millis: number,
  { time, continuous, samplingIntervalMillis }: RequestParts,
  signal: AbortSignal,
): Promise<StackProfile | undefined> {
  const running = continuous();
  if (running && time.isStarted) return running.capture(millis, signal);
  time.wantsTimes = true;
  time.start(samplingIntervalMillis, millis);
  await wait(millis, undefined, { signal, ref: false }).catch(() => {});
  time.wantsTimes = true;
  return time.isStarted ? time.stop().read() : undefined;
}

async function takeHeap(
  millis: number,
  { heap, heapIntervalBytes }: RequestParts,
  signal: AbortSignal,
): Promise<StackProfile | undefined> {
  // Sampled since the start already.
  if (heap.isStarted) return heap.take().read();
  heap.start(heapIntervalBytes);
  await wait(millis, undefined, { signal, ref: false }).catch(() => {});
  if (!heap.isStarted) return undefined;
  const taken = heap.take();
  heap.stop();
  return taken.read();
}
