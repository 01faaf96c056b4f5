/** Round marks for a time axis from 0, at most `most` of them. */
export function axisMarks(endMillis: number, most = 6): number[] {
  if (!(endMillis > 0)) return [0];
  const rough = endMillis / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  return Array.from({ length: Math.floor(endMillis / step + 1e-9) + 1 }, (_, index) => index * step);
}
