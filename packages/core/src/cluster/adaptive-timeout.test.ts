import { expect, test } from 'vitest';
import { createPatience } from './adaptive-timeout.js';

test('one that is silent now and then is waited for less and less, one that has come back as before', () => {
  const patience = createPatience();
  expect(patience.millis(5_000)).toBe(5_000);
  for (let scrape = 0; scrape < 20; scrape++) {
    patience.silent();
    patience.answered();
  }
  expect(patience.millis(5_000)).toBeLessThanOrEqual(500);
  expect(patience.millis(5_000)).toBeGreaterThan(100);
  for (let scrape = 0; scrape < 10; scrape++) patience.answered();
  expect(patience.millis(5_000)).toBe(5_000);
});
