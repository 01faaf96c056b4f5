/** Requests are counted in steps of this length. */
export const stepMillis = 2_000;
/** Older steps are forgotten: a quarter of an hour. */
export const keptSteps = 450;

/** What happened in one step. */
export interface Interval {
  count: number;
  errors: number;
  /** By bucket of {@link Intervals.bounds}, with one more for what is above. */
  readonly counts: number[];
}

/** Upper bounds of buckets for durations that are known exactly, in milliseconds: each is 15 % above the one before. */
export const fineBounds: readonly number[] = Array.from({ length: 112 }, (_, index) => 0.1 * 1.15 ** index);

/** Counts, errors and durations of one operation over the last quarter of an hour. */
export class Intervals {
  private readonly steps = new Map<number, Interval>();

  /** @param bounds the upper bounds of the buckets, in milliseconds, ascending */
  constructor(readonly bounds: readonly number[]) {}

  /** Adds one request. */
  add(timeMillis: number, durationMillis: number, isError: boolean): void {
    const interval = this.at(timeMillis);
    interval.count++;
    if (isError) interval.errors++;
    this.count(interval, durationMillis, 1);
  }

  /** Adds the requests that a histogram has counted. Buckets with other bounds are counted at their middle. */
  addBuckets(
    timeMillis: number,
    bounds: readonly number[],
    counts: readonly number[],
    isError: boolean,
  ): void {
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return;
    const interval = this.at(timeMillis);
    interval.count += total;
    if (isError) interval.errors += total;
    if (isSame(bounds, this.bounds)) {
      for (let index = 0; index < interval.counts.length; index++) {
        interval.counts[index] = (interval.counts[index] ?? 0) + (counts[index] ?? 0);
      }
      return;
    }
    counts.forEach((count, index) => {
      const upper = bounds[index] ?? Number.POSITIVE_INFINITY;
      const lower = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      if (count > 0) this.count(interval, Number.isFinite(upper) ? (lower + upper) / 2 : lower * 1.01, count);
    });
  }

  /** All steps that are kept, by number: the time divided by {@link stepMillis}. */
  entries(): IterableIterator<[number, Interval]> {
    return this.steps.entries();
  }

  get(step: number): Interval | undefined {
    return this.steps.get(step);
  }

  /** Puts back a step of a saved session. */
  restore(step: number, interval: Interval): void {
    this.steps.set(step, interval);
  }

  private at(timeMillis: number): Interval {
    const step = Math.floor(timeMillis / stepMillis);
    let interval = this.steps.get(step);
    if (!interval) {
      interval = { count: 0, errors: 0, counts: new Array(this.bounds.length + 1).fill(0) };
      this.steps.set(step, interval);
      this.forgetOld();
    }
    return interval;
  }

  private forgetOld(): void {
    if (this.steps.size <= keptSteps) return;
    const oldest = Math.min(...this.steps.keys());
    this.steps.delete(oldest);
  }

  private count(interval: Interval, durationMillis: number, times: number): void {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[middle] as number) < durationMillis) low = middle + 1;
      else high = middle;
    }
    interval.counts[low] = (interval.counts[low] ?? 0) + times;
  }
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((bound, index) => bound === b[index]);
