/**
 * The time that a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or a date), in milliseconds; undefined
 * if there is none that can be read.
 */
export function retryAfterMillis(header: string | undefined, nowMillis = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const dateMillis = Date.parse(header);
  return Number.isNaN(dateMillis) ? undefined : Math.max(0, dateMillis - nowMillis);
}
