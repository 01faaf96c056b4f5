import type { time } from '@datadog/pprof';
import type { WorkInProgress } from '@throughline/core/plugin';
import type { SampleOwner, SampleOwners } from './sample-owner.js';

export type TimeEngine = typeof time;

/** Finds out which work each sample was taken in. */
export interface SampleTracking {
  /** How the engine must be started. */
  readonly useCPED: boolean;
  /** The engine has started. */
  begin(): void;
  /** Call right before the engine is asked for its samples. */
  settle(): void;
  /** The engine has given its samples and goes on. */
  goOn(): void;
  /** @param context what the engine has recorded with a sample */
  ownerOf(context: object | undefined): SampleOwner | undefined;
  /** The engine is about to stop. */
  end(): void;
}

export interface TrackingParts {
  readonly engine: TimeEngine;
  readonly work: WorkInProgress;
  readonly owners: SampleOwners;
}
