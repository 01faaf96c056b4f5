/** The least share of the usual time that an answer is waited for. */
const leastShare = 0.05;

/**
 * How long to wait for one process. One that was silent before gets less time, so that threads which sleep between
 * their tasks (`Atomics.wait`, as in pools of threads) do not slow down every scrape, and wins it back by answering.
 */
export function createPatience() {
  let share = 1;
  return {
    millis: (usualMillis: number) => usualMillis * share,
    answered() {
      share = Math.min(1, share * 2);
    },
    silent() {
      share = Math.max(leastShare, share / 4);
    },
  };
}
