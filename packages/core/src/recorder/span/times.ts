import type { TimeInput } from '@opentelemetry/api';

/**
 * Ties the monotonic clock to the time of day: `performance.now() + offsetMillis` milliseconds after `seconds` since
 * 1970. All times of a span come from one anchor, so that its duration is right even if the clock is set meanwhile.
 */
export interface ClockAnchor {
  readonly seconds: number;
  readonly offsetMillis: number;
}

/** `Date.now()` has lost its fraction of a millisecond, and there may be a pause between the two readings. */
const toleratedMillis = 2;

/** A clock that was set, or a machine that slept, is noticed by the first span after this time. */
const trustedMillis = 50;

let current: ClockAnchor = { seconds: 0, offsetMillis: Number.NaN };
let checkedMillis = Number.NaN;

/** The anchor that fits the time of day at this reading of `performance.now()`. */
export function clockAnchor(monotonicMillis: number): ClockAnchor {
  const sinceCheckMillis = monotonicMillis - checkedMillis;
  if (sinceCheckMillis >= 0 && sinceCheckMillis < trustedMillis) return current;
  checkedMillis = monotonicMillis;
  const dateMillis = Date.now();
  const driftMillis = dateMillis - current.seconds * 1000 - (monotonicMillis + current.offsetMillis);
  if (driftMillis > -toleratedMillis && driftMillis < toleratedMillis) return current;
  const seconds = Math.floor(dateMillis / 1000);
  // In the middle of the millisecond that `Date.now()` names.
  current = { seconds, offsetMillis: dateMillis - seconds * 1000 + 0.5 - monotonicMillis };
  return current;
}

/** A time since 1970 in two whole numbers. Filled by the functions below: the hot path creates no object for it. */
export interface WrittenTime {
  seconds: number;
  nanos: number;
}

/** A reading of `performance.now()`, by this anchor. */
export function monotonicTo(target: WrittenTime, anchor: ClockAnchor, monotonicMillis: number): void {
  const millis = monotonicMillis + anchor.offsetMillis;
  const seconds = Math.floor(millis / 1000);
  target.seconds = anchor.seconds + seconds;
  target.nanos = Math.round((millis - seconds * 1000) * 1e6);
  if (target.nanos < 1e9) return;
  target.seconds++;
  target.nanos -= 1e9;
}

/**
 * A time that the caller gave: a `Date`, milliseconds since 1970, a reading of `performance.now()` (what is no more
 * than the clock's own reading is one), or seconds and nanoseconds as `process.hrtime()` has them.
 *
 * @returns whether it is a time; otherwise nothing is written
 */
export function givenTimeTo(target: WrittenTime, given: TimeInput, anchor: ClockAnchor): boolean {
  if (typeof given === 'number') {
    if (given <= performance.now()) {
      if (!Number.isFinite(given)) return false;
      monotonicTo(target, anchor, given);
      return true;
    }
    return millisTo(target, given);
  }
  try {
    if (given instanceof Date) return millisTo(target, given.getTime());
    return Array.isArray(given) && given.length === 2 && secondsAndNanosTo(target, given[0], given[1]);
  } catch {
    // A Proxy that refuses.
    return false;
  }
}

function millisTo(target: WrittenTime, millis: number): boolean {
  if (!Number.isFinite(millis)) return false;
  const seconds = Math.floor(millis / 1000);
  return secondsAndNanosTo(target, seconds, Math.round((millis - seconds * 1000) * 1e6));
}

function secondsAndNanosTo(target: WrittenTime, seconds: unknown, nanos: unknown): boolean {
  if (typeof seconds !== 'number' || typeof nanos !== 'number') return false;
  if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return false;
  const wholeNanos = Math.trunc(nanos);
  const carried = Math.floor(wholeNanos / 1e9);
  target.seconds = Math.trunc(seconds) + carried;
  target.nanos = wholeNanos - carried * 1e9;
  return true;
}
