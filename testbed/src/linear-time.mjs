/** How many times as long the second text is. Linear work takes that many times as long, quadratic work its square. */
const factor = 8;
/** Between the two, with a generous share for a machine that does other things as well. */
const maxRatio = factor * 4;
const maxTries = 12;
/** Below this, the clock says little. */
const leastMillis = 0.5;

/**
 * Whether work takes time in proportion to the length of what it is given. A machine under load makes one measurement
 * longer than it should be: one of many that shows no more than linear growth is enough, and quadratic work shows none.
 *
 * @param {(length: number) => void} work does it for an input of this length
 * @param {number} length of the smaller input; the larger one is eight times as long
 */
export function isLinear(work, length) {
  work(length);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < maxTries; i++) {
    least = Math.min(least, millisOf(work, length));
    if (millisOf(work, length * factor) <= maxRatio * Math.max(least, leastMillis)) return true;
  }
  return false;
}

function millisOf(work, length) {
  const start = process.cpuUsage();
  work(length);
  return process.cpuUsage(start).user / 1_000;
}
