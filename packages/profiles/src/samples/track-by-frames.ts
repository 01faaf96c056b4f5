import { SampleOwner } from './sample-owner.js';
import type { SampleTracking, TrackingParts } from './tracking.js';

/** Stands for code outside of any work that was started by code inside. */
const nobody = Object.freeze({});

/**
 * Each change to other work puts the owner into the frame of the asynchronous code, from which the engine takes it with
 * each sample. Nothing happens anywhere else.
 */
export function trackByFrames({ engine, work, owners }: TrackingParts): SampleTracking {
  let isOn = false;
  work.aroundSwitches((context, run) => {
    if (!isOn) return run();
    const next = work.of(context);
    const active = work.of();
    const owner = owners.of(next, active);
    // Every change comes through here, so the frame has the owner of the active context.
    return owner === owners.of(active) ? run() : engine.runWithContext(owner ?? nobody, run);
  });
  return {
    useCPED: true,
    begin() {
      isOn = true;
    },
    settle() {},
    goOn() {},
    ownerOf: (context) => (context instanceof SampleOwner ? context : undefined),
    end() {
      isOn = false;
    },
  };
}
