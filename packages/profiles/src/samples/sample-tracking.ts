import { AsyncLocalStorage, executionAsyncResource } from 'node:async_hooks';
import type { WorkInProgress } from '@throughline/core/plugin';
import { SampleOwners } from './sample-owner.js';
import { trackByFrames } from './track-by-frames.js';
import { trackByHooks } from './track-by-hooks.js';
import type { SampleTracking, TimeEngine } from './tracking.js';

/**
 * Node 24 and later keep the context of asynchronous code in the frame that V8 hands on, where the engine can read it.
 * Before, asynchronous hooks tell when the context changes.
 */
export function trackSamples(engine: TimeEngine, work: WorkInProgress): SampleTracking {
  const owners = new SampleOwners();
  const parts = { engine, work, owners };
  return usesFrames() ? trackByFrames(parts) : trackByHooks(parts);
}

/** Whether AsyncLocalStorage keeps its values in frames: otherwise they are on the resource of the running code. */
function usesFrames(): boolean {
  const mark = {};
  return new AsyncLocalStorage<object>().run(mark, () => {
    const resource = executionAsyncResource() as Record<symbol, unknown>;
    return !Object.getOwnPropertySymbols(resource).some((symbol) => resource[symbol] === mark);
  });
}
