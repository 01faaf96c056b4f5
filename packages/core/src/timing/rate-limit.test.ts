import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateLimit } from './rate-limit.js';

test('over any time it allows no more than the rate, and one burst of a second', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 500, noNaN: true }),
      fc.array(fc.nat({ max: 2_000 }), { minLength: 1, maxLength: 200 }),
      (perSecond, stepsMillis) => {
        let nowMillis = 0;
        let allowed = 0;
        const allow = rateLimit(perSecond, () => nowMillis);
        for (const step of stepsMillis) {
          nowMillis += step;
          for (let i = 0; i < 3; i++) if (allow()) allowed++;
        }
        expect(allowed).toBeLessThanOrEqual(Math.max(1, perSecond) + (nowMillis / 1000) * perSecond + 1e-6);
        expect(allowed).toBeGreaterThan(0);
      },
    ),
  );
});

test('a clock that goes back allows nothing extra', () => {
  let nowMillis = 10_000;
  const allow = rateLimit(1, () => nowMillis);
  expect(allow()).toBe(true);
  nowMillis = 0;
  expect([allow(), allow()]).toEqual([false, false]);
  nowMillis = 1_000;
  expect([allow(), allow()]).toEqual([true, false]);
});
