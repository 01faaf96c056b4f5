/** Longest stretch of a scrape's work between two turns of the event loop. */
const maxStretchMillis = 8;

/** Lets long work give way to requests: `if (pace.isDue()) await pace.giveWay()`. */
export interface Pace {
  isDue(): boolean;
  giveWay(): Promise<void>;
}

export function startPace(): Pace {
  let startMillis = performance.now();
  return {
    isDue: () => performance.now() - startMillis >= maxStretchMillis,
    async giveWay() {
      await new Promise((resolve) => setImmediate(resolve));
      startMillis = performance.now();
    },
  };
}
