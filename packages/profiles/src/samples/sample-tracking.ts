import type { time } from '@datadog/pprof';
import type { WorkInProgress } from '@throughline/core/plugin';
import { afterCallbacks } from './after-callbacks.js';
import { type SampleOwner, SampleOwners } from './sample-owner.js';

export type TimeEngine = typeof time;

/** What the engine records with each sample: the time between two changes of the context. The owner is filled in at its end. */
class Stretch {
  owner: SampleOwner | undefined = undefined;
}

/**
 * Finds out which work each sample was taken in. The engine counts its samples in shared memory. Where the context is about
 * to change, one look at that number says whether samples were taken since the last change: those belong to the work that
 * is still active. Work without a sample costs no more than that look.
 */
export class SampleTracking {
  private readonly owners = new SampleOwners();
  private state: Record<number, number> = {};
  private seen = 0;
  private stretch = new Stretch();
  private endHooks: (() => void) | undefined;

  constructor(
    private readonly engine: TimeEngine,
    private readonly work: WorkInProgress,
  ) {
    const { kSampleCount } = engine.constants;
    work.aroundSwitches((context, run) => {
      if (this.endHooks === undefined) return run();
      if (this.state[kSampleCount] !== this.seen) this.settle();
      const next = work.of(context);
      if (next?.isSpanOnly) {
        const active = work.of();
        if (active?.isSpanOnly) this.owners.note(next, active);
      }
      try {
        return run();
      } finally {
        if (this.state[kSampleCount] !== this.seen) this.settle(context);
      }
    });
  }

  /** The engine has started. */
  begin(): void {
    const { kSampleCount } = this.engine.constants;
    this.state = this.engine.getState();
    this.goOn();
    this.stretch = new Stretch();
    this.engine.setContext(this.stretch);
    this.endHooks = afterCallbacks(() => {
      if (this.state[kSampleCount] !== this.seen) this.settle();
    });
  }

  /** The engine has given its samples and goes on: it counts from the beginning. */
  goOn(): void {
    this.seen = this.state[this.engine.constants.kSampleCount] as number;
  }

  /** The samples until now belong to the work of the context; by default, of the active one. */
  settle(context?: Parameters<WorkInProgress['of']>[0]): void {
    this.seen = this.state[this.engine.constants.kSampleCount] as number;
    this.stretch.owner = this.owners.of(this.work.of(context));
    this.stretch = new Stretch();
    this.engine.setContext(this.stretch);
  }

  /** @param recorded what the engine has recorded with a sample */
  ownerOf(recorded: object | undefined): SampleOwner | undefined {
    return recorded instanceof Stretch ? recorded.owner : undefined;
  }

  /** The engine is about to stop. */
  end(): void {
    this.endHooks?.();
    this.endHooks = undefined;
  }
}
