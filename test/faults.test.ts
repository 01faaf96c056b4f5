import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultGroups } from './faults/all.js';
import { type Bed, createBed } from './faults/bed.js';
import { pageIsCurrent } from './faults/page.js';

/* A part of the faults that `npm run test:faults` creates all. */
let bed: Bed;
beforeAll(async () => {
  bed = await createBed('faults-test');
});
afterAll(() => bed?.stop());

describe.each(faultGroups)('$title', ({ faults }) => {
  // Processes of their own, so several at a time.
  test.concurrent.each(faults.filter(({ isQuick }) => isQuick))('$name', async (fault) => {
    expect(await fault.create(bed)).toBeUndefined();
  });
});

test('the names of the faults of a kind are unique', () => {
  for (const { faults } of faultGroups)
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
});

test('docs/faults.md is generated from the faults', () => {
  expect(pageIsCurrent(), 'run npm run test:faults').toBe(true);
});
