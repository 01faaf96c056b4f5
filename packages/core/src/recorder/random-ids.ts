import type { RecorderIdGenerator } from './tracer.js';

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/**
 * Ids from the runtime's random numbers, as the SDK's generator makes them, in one call instead of one per byte.
 * Every id has at least one digit that is not zero.
 */
export const randomIds: RecorderIdGenerator = {
  isRandom: true,
  // One text made at once. Two that are joined are copied into one when a digit is read.
  generateTraceId() {
    const first = random32();
    const second = random32();
    const third = random32();
    const last = random32ExceptZero();
    return String.fromCharCode(
      digit(first, 28),
      digit(first, 24),
      digit(first, 20),
      digit(first, 16),
      digit(first, 12),
      digit(first, 8),
      digit(first, 4),
      digit(first, 0),
      digit(second, 28),
      digit(second, 24),
      digit(second, 20),
      digit(second, 16),
      digit(second, 12),
      digit(second, 8),
      digit(second, 4),
      digit(second, 0),
      digit(third, 28),
      digit(third, 24),
      digit(third, 20),
      digit(third, 16),
      digit(third, 12),
      digit(third, 8),
      digit(third, 4),
      digit(third, 0),
      digit(last, 28),
      digit(last, 24),
      digit(last, 20),
      digit(last, 16),
      digit(last, 12),
      digit(last, 8),
      digit(last, 4),
      digit(last, 0),
    );
  },
  generateSpanId() {
    const high = random32();
    const low = random32ExceptZero();
    return String.fromCharCode(
      digit(high, 28),
      digit(high, 24),
      digit(high, 20),
      digit(high, 16),
      digit(high, 12),
      digit(high, 8),
      digit(high, 4),
      digit(high, 0),
      digit(low, 28),
      digit(low, 24),
      digit(low, 20),
      digit(low, 16),
      digit(low, 12),
      digit(low, 8),
      digit(low, 4),
      digit(low, 0),
    );
  },
};

function random32(): number {
  return (Math.random() * 0x1_0000_0000) >>> 0;
}

function random32ExceptZero(): number {
  return ((Math.random() * 0xffff_ffff) >>> 0) + 1;
}

function digit(value: number, shift: number): number {
  return digits[(value >>> shift) & 15] as number;
}
