import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { HeapProfiler } from '../profiler/heap-profiler.js';
import type { StackProfile } from '../profiler/profile.js';
import type { SamplingRate } from '../profiler/sampling-rate.js';
import type { TakenProfile, TimeProfiler } from '../profiler/time-profiler.js';

export interface ContinuousParts {
  readonly time: TimeProfiler | undefined;
  readonly heap: HeapProfiler | undefined;
  readonly rate: SamplingRate;
  readonly periodMillis: number;
  readonly heapIntervalBytes: number;
  /** Gets the profiles of each period. */
  readonly taken: (time: TakenProfile | undefined, heap: TakenProfile | undefined) => void;
  readonly slowed: (intervalMillis: number) => void;
  readonly restored: () => void;
  /** Asked before each period; true ends the profiles. */
  readonly mustEnd: () => boolean;
}

/** Longest profile on request, for which the engine keeps room. */
export const maxRequestedMillis = 300_000;

/** Profiles the process all the time, period by period. */
export class ContinuousProfiles {
  private timer: NodeJS.Timeout | undefined;
  private utilization = performance.eventLoopUtilization();
  private periodStartMillis = performance.now();
  private isRunning = false;

  constructor(private readonly parts: ContinuousParts) {}

  /** @throws what the engine throws if it cannot start */
  start(): void {
    const { time, heap, heapIntervalBytes, periodMillis } = this.parts;
    this.startTime();
    try {
      heap?.start(heapIntervalBytes);
    } catch (error) {
      if (time?.isStarted) time.stop();
      throw error;
    }
    this.isRunning = true;
    // Instances that were started together must not send together.
    this.schedule(periodMillis * (0.5 + Math.random() / 2));
  }

  /** What was sampled last is taken, and nothing any more after that. */
  stop(): void {
    if (!this.isRunning) return;
    this.isRunning = false;
    clearTimeout(this.timer);
    const { time, heap } = this.parts;
    const lastTime = time?.isStarted ? time.stop() : undefined;
    const lastHeap = heap?.isStarted ? heap.take() : undefined;
    heap?.stop();
    this.parts.taken(lastTime, lastHeap);
  }

  /** What was sampled until now is taken; another period begins. */
  flush(): void {
    // A profile on request takes this period.
    if (!this.isRunning || this.parts.time?.wantsTimes) return;
    clearTimeout(this.timer);
    this.endPeriod();
    this.beginPeriod();
  }

  /** A period of its own for a profile on request. It is part of the continuous profiles too. */
  async capture(millis: number, signal: AbortSignal): Promise<StackProfile | undefined> {
    const { time } = this.parts;
    if (time === undefined || !this.isRunning) return undefined;
    this.endPeriod();
    clearTimeout(this.timer);
    time.wantsTimes = true;
    await wait(millis, undefined, { signal, ref: false }).catch(() => {});
    if (!this.isRunning) return undefined;
    const captured = time.take();
    time.wantsTimes = false;
    this.parts.taken(captured, undefined);
    this.beginPeriod();
    return captured.read();
  }

  private startTime(): void {
    const { time, rate, periodMillis } = this.parts;
    time?.start(rate.intervalMillis, Math.max(periodMillis, maxRequestedMillis));
  }

  private schedule(millis: number): void {
    this.timer = setTimeout(() => {
      if (this.parts.mustEnd()) {
        this.stop();
        return;
      }
      this.endPeriod();
      this.beginPeriod();
    }, millis);
    this.timer.unref();
  }

  private beginPeriod(): void {
    if (this.isRunning) this.schedule(this.parts.periodMillis);
  }

  private endPeriod(): void {
    const { time, heap, rate, periodMillis, slowed, restored, taken } = this.parts;
    const before = rate.intervalMillis;
    const endMillis = performance.now();
    const { utilization } = performance.eventLoopUtilization(this.utilization);
    const heapProfile = heap?.take();
    // The last samples are taken at the old rate, the next ones at the new one.
    const timeProfile = time?.take();
    const pauseMillis = (timeProfile?.pauseMillis ?? 0) + (heapProfile?.pauseMillis ?? 0);
    const lastedMillis = endMillis - this.periodStartMillis;
    // A period that a flush has cut short says little about the load.
    const isTelling = lastedMillis >= periodMillis / 2;
    const change = isTelling
      ? rate.after({ utilization, pauseShare: pauseMillis / lastedMillis })
      : undefined;
    if (time && rate.intervalMillis !== before) {
      time.stop();
      this.startTime();
    }
    this.utilization = performance.eventLoopUtilization();
    this.periodStartMillis = performance.now();
    if (change === 'slowed') slowed(rate.intervalMillis);
    else if (change === 'restored') restored();
    taken(timeProfile, heapProfile);
  }
}
