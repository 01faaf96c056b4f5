/** Burns CPU under a name that a profile can show. */
export function findPrimes(millis: number): number {
  const endMillis = performance.now() + millis;
  let found = 0;
  for (let candidate = 2; performance.now() < endMillis; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) isPrime = false;
    }
    if (isPrime) found++;
  }
  return found;
}
