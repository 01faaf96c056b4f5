import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../packages/core/test/built-core.js';
import { growth, soak } from './soak/soak.js';

/* A short part of what `npm run soak` runs with a million requests. */
let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore('soak-test');
});
afterAll(() => core?.remove());

test('memory, handles, listeners and series stay flat under errors, aborts and a backend that fails', async () => {
  const samples = await soak({ core: core.folder, requestCount: 6_000, sampleCount: 12 });
  expect(growth(samples).join('; '), JSON.stringify(samples)).toBe('');
});

test('what grows is found', () => {
  const sample = {
    heapBytes: 1e7,
    rssBytes: 1e8,
    externalBytes: 2e6,
    arrayBufferBytes: 1e6,
    handles: 3,
    listeners: 9,
    series: 40,
    active: 0,
  };
  const flat = Array.from({ length: 12 }, (_, i) => ({ ...sample, requests: i }));
  expect(growth(flat)).toEqual([]);
  expect(growth(flat.map((each, i) => ({ ...each, heapBytes: 1e7 + i * 2e6 })))).toEqual([
    expect.stringContaining('heapBytes'),
  ]);
  expect(growth(flat.map((each, i) => ({ ...each, series: 40 + i * 20 })))).toEqual([
    expect.stringContaining('series'),
  ]);
});
