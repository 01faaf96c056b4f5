import { isLinear } from '@throughline/testbed/linear-time';
import { expect, test } from 'vitest';

function steps(count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.sqrt(i);
  if (sum < 0) throw new Error('never');
}

test('linear work is found to be linear, quadratic work is not', () => {
  expect(isLinear((length) => steps(length * 500), 800)).toBe(true);
  expect(isLinear((length) => steps(length * length), 800)).toBe(false);
});
