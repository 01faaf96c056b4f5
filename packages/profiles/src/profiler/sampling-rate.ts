/** What one period was like. */
export interface PeriodLoad {
  /** Share of the time that the event loop was busy, from 0 to 1. */
  readonly utilization: number;
  /** Share of the time that the service stood still for its profiles, from 0 to 1. */
  readonly pauseShare: number;
}

export type RateChange = 'slowed' | 'restored' | undefined;

/** Busy for practically all of the time: requests wait for each other. */
const overloadedUtilization = 0.97;
/** Well below that, so that the rate does not go back and forth. */
const calmUtilization = 0.8;
const maxPauseShare = 0.03;
const maxFactor = 16;

/** How often samples are taken: as often as configured, or less while the process is overloaded. */
export class SamplingRate {
  private factor = 1;
  private calmPeriods = 0;

  constructor(private readonly baseMillis: number) {}

  get intervalMillis(): number {
    return this.baseMillis * this.factor;
  }

  /** @returns what has begun or ended with this period */
  after({ utilization, pauseShare }: PeriodLoad): RateChange {
    if (utilization > overloadedUtilization || pauseShare > maxPauseShare) {
      this.calmPeriods = 0;
      const wasNormal = this.factor === 1;
      this.factor = Math.min(maxFactor, this.factor * 2);
      return wasNormal ? 'slowed' : undefined;
    }
    if (this.factor === 1) return undefined;
    this.calmPeriods = utilization < calmUtilization ? this.calmPeriods + 1 : 0;
    if (this.calmPeriods < 2) return undefined;
    this.calmPeriods = 0;
    this.factor /= 2;
    return this.factor === 1 ? 'restored' : undefined;
  }
}
