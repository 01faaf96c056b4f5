import { type AsyncHook, createHook } from 'node:async_hooks';
import type { SampleOwner } from './sample-owner.js';
import type { SampleTracking, TrackingParts } from './tracking.js';

/** What the engine records with each sample; the owner is filled in afterwards. */
class Stretch {
  owner: SampleOwner | undefined = undefined;
}

/**
 * The engine counts its samples in shared memory. Where the context is about to change, one look at that number says
 * whether samples were taken since the last change: those belong to the work that is still active.
 */
export function trackByHooks({ engine, work, owners }: TrackingParts): SampleTracking {
  const { kSampleCount } = engine.constants;
  let state: Record<number, number> = { [kSampleCount]: 0 };
  let seen = 0;
  let stretch = new Stretch();
  let hook: AsyncHook | undefined;

  function settle(): void {
    const count = state[kSampleCount] as number;
    if (count === seen) return;
    seen = count;
    stretch.owner = owners.of(work.of());
    stretch = new Stretch();
    engine.setContext(stretch);
  }

  work.aroundSwitches((context, run) => {
    if (hook === undefined) return run();
    settle();
    // The first time, this marks the span.
    const owner = owners.of(work.of(context), work.of());
    try {
      return run();
    } finally {
      if (hook !== undefined && state[kSampleCount] !== seen) {
        seen = state[kSampleCount] as number;
        stretch.owner = owner;
        stretch = new Stretch();
        engine.setContext(stretch);
      }
    }
  });

  return {
    useCPED: false,
    begin() {
      state = engine.getState();
      seen = state[kSampleCount] as number;
      stretch = new Stretch();
      engine.setContext(stretch);
      hook = createHook({ after: settle }).enable();
    },
    settle,
    goOn() {
      // The engine starts counting again.
      seen = state[kSampleCount] as number;
    },
    ownerOf: (context) => (context instanceof Stretch ? context.owner : undefined),
    end() {
      hook?.disable();
      hook = undefined;
    },
  };
}
