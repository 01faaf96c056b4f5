/**
 * Lets something be said once and then, while it keeps happening, at most once per interval: a backend that
 * is down must not fill the log.
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
