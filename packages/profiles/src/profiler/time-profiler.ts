import type { WorkInProgress } from '@throughline/core/plugin';
import type { Profile } from 'pprof-format';
import type { SampleOwner } from '../samples/sample-owner.js';
import { SampleTracking } from '../samples/sample-tracking.js';
import { Positions } from '../sources/positions.js';
import type { SourceMaps } from '../sources/source-maps.js';
import type { Engine } from './engine.js';
import type { StackProfile } from './profile.js';
import { type ReadSample, readProfile } from './read-profile.js';

/** On Windows the engine samples by a thread instead of a signal, and knows only elapsed time. */
const hasContexts = process.platform !== 'win32';

const ownerLabel = 'owner';
const timeLabel = 'time';

/** Values of each sample of a time profile. */
const timeValueTypes = [
  { type: 'samples', unit: 'count' },
  { type: 'wall', unit: 'nanoseconds' },
  { type: 'cpu', unit: 'nanoseconds' },
] as const;

/** What was sampled until now; its frames are looked up when it is read. */
export interface TakenProfile {
  /** Milliseconds for which the service stood still. */
  readonly pauseMillis: number;
  read(): Promise<StackProfile>;
}

/** Samples what this thread does, at an interval. */
export class TimeProfiler {
  private readonly tracking: SampleTracking;
  private startMillis = 0;
  private intervalMillis = 0;
  private positions: Positions;
  /** Whether samples are to say when they were taken. */
  wantsTimes = false;

  constructor(
    private readonly engine: Engine,
    work: WorkInProgress,
    private readonly maps: SourceMaps,
  ) {
    this.tracking = new SampleTracking(engine.time, work);
    this.positions = new Positions(maps);
  }

  get isStarted(): boolean {
    return this.intervalMillis > 0;
  }

  /** @param longestMillis how long one profile may become; the engine keeps room for its samples */
  start(intervalMillis: number, longestMillis: number): void {
    this.engine.time.start({
      intervalMicros: Math.round(intervalMillis * 1_000),
      durationMillis: longestMillis,
      withContexts: hasContexts,
      collectCpuTime: hasContexts,
      lineNumbers: false,
      workaroundV8Bug: true,
      // The engine asks the mapper that it was started with; this one is the current one.
      sourceMapper: { mappingInfo: (position: object) => this.positions.mappingInfo(position) } as never,
    });
    this.intervalMillis = intervalMillis;
    if (hasContexts) this.tracking.begin();
    this.startMillis = Date.now();
  }

  /** Takes what was sampled since the start or the last call, and goes on. */
  take(): TakenProfile {
    return this.end(true);
  }

  /** The same, and does not go on. */
  stop(): TakenProfile {
    return this.end(false);
  }

  private end(goesOn: boolean): TakenProfile {
    const { tracking, positions, startMillis, intervalMillis, wantsTimes } = this;
    const beganMillis = performance.now();
    if (hasContexts) {
      tracking.settle();
      if (!goesOn) tracking.end();
    }
    const owners: SampleOwner[] = [];
    const numbers = new Map<SampleOwner, number>();
    const profile = this.engine.time.stop(goesOn, ({ context }) => {
      const labels: Record<string, number> = {};
      const owner = tracking.ownerOf(context?.context);
      if (owner !== undefined) {
        let number = numbers.get(owner);
        if (number === undefined) {
          number = owners.push(owner);
          numbers.set(owner, number);
        }
        labels[ownerLabel] = number;
      }
      // The engine's own activity has no time.
      if (wantsTimes && context && context.timestamp > 0n) labels[timeLabel] = Number(context.timestamp);
      return labels;
    }) as Profile;
    const endMillis = Date.now();
    this.startMillis = endMillis;
    this.positions = new Positions(this.maps);
    if (goesOn && hasContexts) tracking.goOn();
    if (!goesOn) this.intervalMillis = 0;
    return {
      pauseMillis: performance.now() - beganMillis,
      async read() {
        const samples = await readProfile(profile, positions);
        const wallShare = possibleShare(samples, (endMillis - startMillis) * 1_000_000);
        return {
          valueTypes: timeValueTypes,
          periodType: { type: 'wall', unit: 'nanoseconds' },
          period: Math.round(intervalMillis * 1_000_000),
          startMillis,
          endMillis,
          samples: samples.map(({ stack, values, labels }) => {
            const [count = 0, wall = 0, cpu = 0] = values;
            const number = labels.get(ownerLabel);
            return {
              stack,
              values: [count, Math.round(wall * wallShare), cpu],
              owner: number === undefined ? undefined : owners[number - 1],
              timeMicros: labels.get(timeLabel),
            };
          }),
        };
      },
    };
  }
}

/** One thread cannot have been busy for longer than the profile lasted. After a delay, V8 may take samples more often. */
function possibleShare(samples: readonly ReadSample[], durationNanos: number): number {
  let wallNanos = 0;
  for (const { values } of samples) wallNanos += values[1] ?? 0;
  return wallNanos > durationNanos ? durationNanos / wallNanos : 1;
}
