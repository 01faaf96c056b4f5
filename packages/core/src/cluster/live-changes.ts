import type { ControlChange } from '../control/control-handler.js';

/** Changes that were made over HTTP and still apply, for processes that start later. */
export interface LiveChanges {
  /** A change was made, here or in another process. */
  made(change: ControlChange): void;
  inForce(): ControlChange[];
}

export function recordChanges(): LiveChanges {
  const byPath = new Map<string, { readonly change: ControlChange; readonly untilMillis: number }>();
  return {
    made(change) {
      byPath.delete(change.path);
      if (change.value === undefined) return;
      const forSeconds = change.forSeconds ?? Number.POSITIVE_INFINITY;
      byPath.set(change.path, { change, untilMillis: performance.now() + forSeconds * 1000 });
    },
    inForce() {
      const nowMillis = performance.now();
      return [...byPath.values()]
        .filter(({ untilMillis }) => untilMillis > nowMillis)
        .map(({ change, untilMillis }) =>
          change.forSeconds === undefined
            ? change
            : { ...change, forSeconds: (untilMillis - nowMillis) / 1000 },
        );
    },
  };
}
