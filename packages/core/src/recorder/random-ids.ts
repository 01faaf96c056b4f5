import type { RecorderIdGenerator } from './tracer.js';

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/**
 * Ids from the runtime's random numbers, as the SDK's generator makes them, in one call instead of one per byte.
 * Every id has at least one digit that is not zero.
 */
export const randomIds: RecorderIdGenerator = {
  isRandom: true,
  generateTraceId: () => sixteenDigits() + sixteenDigits(),
  generateSpanId: sixteenDigits,
};

function sixteenDigits(): string {
  const high = (Math.random() * 0x1_0000_0000) >>> 0;
  // Never zero, so that no id is.
  const low = ((Math.random() * 0xffff_ffff) >>> 0) + 1;
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
}

function digit(value: number, shift: number): number {
  return digits[(value >>> shift) & 15] as number;
}
