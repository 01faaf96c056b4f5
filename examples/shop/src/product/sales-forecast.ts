const months = 300_000;
const daysPerMonth = 30;

/**
 * How many units the product may sell next month: the mean of many simulated months. It needs the CPU for a while, and
 * blocks every other request meanwhile. A trace shows only that the time passes in this service; a profile names the
 * function.
 */
export function forecastSales(unitsSold: number): number {
  const random = randomNumbers(unitsSold + 1);
  let total = 0;
  for (let month = 0; month < months; month++) total += simulateMonth(unitsSold / daysPerMonth, random);
  return Math.round(total / months);
}

/** Units sold in one month, if each day's sales follow a Poisson distribution (Knuth's method). */
function simulateMonth(unitsPerDay: number, random: () => number): number {
  const limit = Math.exp(-unitsPerDay);
  let units = 0;
  for (let day = 0; day < daysPerMonth; day++) {
    let product = random();
    while (product > limit) {
      units++;
      product *= random();
    }
  }
  return units;
}

/** The same numbers for the same seed, from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
