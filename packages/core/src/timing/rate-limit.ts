/** Whether one more is allowed now. */
export type RateLimit = () => boolean;

/**
 * A token bucket: on average `perSecond`, and at most the same number at once. Below 1 it still lets one through from
 * time to time: 0.1 is one in ten seconds.
 *
 * @param now monotonic time in milliseconds
 */
export function rateLimit(perSecond: number, now: () => number = () => performance.now()): RateLimit {
  const capacity = Math.max(1, perSecond);
  let tokens = capacity;
  let lastMillis = now();
  return () => {
    const nowMillis = now();
    tokens = Math.min(capacity, tokens + (Math.max(0, nowMillis - lastMillis) / 1000) * perSecond);
    lastMillis = nowMillis;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
