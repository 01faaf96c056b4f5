import type { DeliveredMessage } from './internals.js';

/**
 * When a message was sent, in milliseconds since 1970. The broker's plugin for timestamps has the same name for it. AMQP's own
 * `timestamp` has seconds only, and is often not set.
 */
const sentHeader = 'timestamp_in_ms';

/** amqplib encodes headers into 64 KiB; some versions cut what is more. */
const maxHeaderBytes = 48 * 1024;

/**
 * A copy of the headers of a message, inherited ones included, as amqplib sends them. The headers of the service are not
 * changed.
 *
 * @returns undefined for headers that nothing can be added to
 */
export function copyHeaders(given: unknown, now: number): Record<string, unknown> | undefined {
  if (given === undefined || given === null) return { [sentHeader]: now };
  if (typeof given !== 'object') return undefined;
  // So that a header `__proto__` is one like any other.
  const copy: Record<string, unknown> = Object.create(null);
  let bytes = 0;
  for (const name in given) {
    const value = (given as Record<string, unknown>)[name];
    bytes += name.length + sizeOf(value, 4);
    if (bytes > maxHeaderBytes) return undefined;
    copy[name] = value;
  }
  copy[sentHeader] ??= now;
  return copy;
}

/** About as many bytes as a value takes; a deep one counts as too large. */
function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return 5 + 3 * value.length;
  if (typeof value !== 'object' || value === null) return 9;
  if (value instanceof Uint8Array) return 5 + value.byteLength;
  if (depth === 0) return maxHeaderBytes;
  let bytes = 5;
  for (const name in value) {
    bytes += name.length + sizeOf((value as Record<string, unknown>)[name], depth - 1);
    if (bytes > maxHeaderBytes) break;
  }
  return bytes;
}

/** Above this, a timestamp has milliseconds, as services often set it; below, seconds, as AMQP says. */
const leastMillis = 100_000_000_000;

/** When a message was sent, in milliseconds since 1970. */
export function sentMillisOf({ properties }: DeliveredMessage): number | undefined {
  for (const value of [properties?.headers?.[sentHeader], properties?.timestamp]) {
    const time = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value;
    if (typeof time === 'number' && time > 0) return time < leastMillis ? time * 1_000 : time;
  }
  return undefined;
}
