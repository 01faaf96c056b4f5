/**
 * Allows a message once, and at most once per interval while the problem continues, so that a backend that is down does
 * not fill the log.
 */
export function oncePerInterval<A extends unknown[]>(
  intervalMillis: number,
  say: (...args: A) => void,
): (...args: A) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (...args) => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + intervalMillis;
    say(...args);
  };
}
