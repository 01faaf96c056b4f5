/**
 * A percentile of a histogram, interpolated inside its bucket as Prometheus' `histogram_quantile` does.
 *
 * @param ratio from 0 to 1
 * @param bounds the upper bounds of all buckets but the last, ascending
 * @param counts one for each bound, and one for what is above
 * @returns undefined without any value; the highest bound for what is above it
 */
export function percentile(
  ratio: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = ratio * total;
  let below = 0;
  for (let index = 0; index < bounds.length; index++) {
    const count = counts[index] ?? 0;
    const upper = bounds[index] as number;
    if (count > 0 && below + count >= rank) {
      const lower = index === 0 ? 0 : (bounds[index - 1] as number);
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1);
}
