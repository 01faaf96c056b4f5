import type { Profile } from 'pprof-format';
import { Positions } from '../sources/positions.js';
import type { SourceMaps } from '../sources/source-maps.js';
import type { Engine } from './engine.js';
import { readProfile } from './read-profile.js';
import type { TakenProfile } from './time-profiler.js';

const maxDepth = 64;

/** Samples which code allocated the objects that are still in memory. */
export class HeapProfiler {
  private intervalBytes = 0;
  private startMillis = 0;

  constructor(
    private readonly engine: Engine,
    private readonly maps: SourceMaps,
  ) {}

  get isStarted(): boolean {
    return this.intervalBytes > 0;
  }

  start(intervalBytes: number): void {
    this.engine.heap.start(intervalBytes, maxDepth);
    this.intervalBytes = intervalBytes;
    this.startMillis = Date.now();
  }

  take(): TakenProfile {
    const { intervalBytes, startMillis } = this;
    const positions = new Positions(this.maps);
    const beganMillis = performance.now();
    const profile = this.engine.heap.profile(undefined, positions as never) as Profile;
    const endMillis = Date.now();
    this.startMillis = endMillis;
    return {
      pauseMillis: performance.now() - beganMillis,
      read: async () => ({
        valueTypes: [
          { type: 'inuse_objects', unit: 'count' },
          { type: 'inuse_space', unit: 'bytes' },
        ],
        periodType: { type: 'space', unit: 'bytes' },
        period: intervalBytes,
        startMillis,
        endMillis,
        samples: (await readProfile(profile, positions)).map(({ stack, values }) => ({
          stack,
          values,
          owner: undefined,
          timeMicros: undefined,
        })),
      }),
    };
  }

  stop(): void {
    this.engine.heap.stop();
    this.intervalBytes = 0;
  }
}
