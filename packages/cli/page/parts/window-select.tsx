import { signal } from '@preact/signals';

const windows = [
  [60_000, '1 minute'],
  [300_000, '5 minutes'],
  [900_000, '15 minutes'],
] as const;

/** How far back the overview, the charts and the map look, in milliseconds. */
export const windowMillis = signal<number>(300_000);

export function WindowSelect() {
  return (
    <label class="field">
      Last{' '}
      <select
        value={String(windowMillis.value)}
        onChange={({ currentTarget }) => {
          windowMillis.value = Number(currentTarget.value);
        }}
      >
        {windows.map(([millis, name]) => (
          <option key={millis} value={String(millis)}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
