const width = 90;
const height = 20;

/** Counts over time, as small bars. The numbers beside it say the same, so it is hidden from screen readers. */
export function Sparkline({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  return (
    <svg class="sparkline" width={width} height={height} aria-hidden="true">
      {counts.map((count, index) => {
        const bar = count === 0 ? 0 : Math.max(1.5, (count / most) * height);
        return (
          <rect key={index} x={index * step} y={height - bar} width={Math.max(1, step - 1)} height={bar} />
        );
      })}
    </svg>
  );
}
