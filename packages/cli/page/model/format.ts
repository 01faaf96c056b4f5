/** A duration with three digits and its unit: `612 µs`, `4.21 ms`, `1.03 s`, `2 min 5 s`. */
export function formatDuration(millis: number | undefined | null): string {
  if (millis === undefined || millis === null || Number.isNaN(millis)) return '–';
  if (millis < 0.0005) return '0';
  if (millis < 0.9995) return `${threeDigits(millis * 1_000)} µs`;
  if (millis < 999.5) return `${threeDigits(millis)} ms`;
  if (millis < 99_950) return `${threeDigits(millis / 1_000)} s`;
  const seconds = Math.round(millis / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Requests in a second, or in a minute or an hour if there are fewer. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond >= 0.995) return `${threeDigits(perSecond)}/s`;
  if (perSecond * 60 >= 0.995) return `${threeDigits(perSecond * 60)}/min`;
  return `${threeDigits(perSecond * 3_600)}/h`;
}

/** A part of a whole in percent; what is not none is never shown as 0 %. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return '< 0.1 %';
  return percent > 99.9 && part < whole
    ? '> 99.9 %'
    : `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

export const formatCount = (count: number): string => count.toLocaleString('en');

export function formatBytes(sizeBytes: number): string {
  const mebibytes = sizeBytes / 1024 / 1024;
  return mebibytes < 10 ? `${mebibytes.toFixed(1)} MiB` : `${mebibytes.toFixed(0)} MiB`;
}

/** The time of day in the browser's time zone, with milliseconds. */
export function formatTime(timeMillis: number): string {
  const date = new Date(timeMillis);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A value of an attribute as text. */
export const formatValue = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
