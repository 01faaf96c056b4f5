import * as engine from '@datadog/pprof';
import { describe, expect, test } from 'vitest';
import { SamplingRate } from './profiler/sampling-rate.js';
import { type TakenProfile, TimeProfiler } from './profiler/time-profiler.js';
import { ContinuousProfiles } from './recording/continuous-profiles.js';
import { SourceMaps } from './sources/source-maps.js';

const busy = { utilization: 1, pauseShare: 0 };
const calm = { utilization: 0.1, pauseShare: 0 };

describe('the rate', () => {
  test('halves with each overloaded period, down to a sixteenth, and says so once', () => {
    const rate = new SamplingRate(10);
    const changes = Array.from({ length: 6 }, () => [rate.after(busy), rate.intervalMillis]);
    expect(changes).toEqual([
      ['slowed', 20],
      [undefined, 40],
      [undefined, 80],
      [undefined, 160],
      [undefined, 160],
      [undefined, 160],
    ]);
  });

  test('also when profiles themselves take too much of the time', () => {
    expect(new SamplingRate(10).after({ utilization: 0.5, pauseShare: 0.05 })).toBe('slowed');
  });

  test('comes back step by step, only after calm periods', () => {
    const rate = new SamplingRate(10);
    rate.after(busy);
    rate.after(busy);
    const between = { utilization: 0.9, pauseShare: 0 };
    const seen = [calm, between, calm, calm, calm, calm, calm].map((load) => [
      rate.after(load),
      rate.intervalMillis,
    ]);
    expect(seen).toEqual([
      [undefined, 40],
      [undefined, 40],
      [undefined, 40],
      [undefined, 20],
      [undefined, 20],
      ['restored', 10],
      [undefined, 10],
    ]);
  });
});

test('a process without a pause is sampled less', async () => {
  const work = { of: () => undefined, aroundSwitches: () => {} };
  const taken: TakenProfile[] = [];
  const events: string[] = [];
  const profiles = new ContinuousProfiles({
    time: new TimeProfiler(engine, work, new SourceMaps()),
    heap: undefined,
    rate: new SamplingRate(2),
    periodMillis: 20,
    heapIntervalBytes: 524_288,
    taken: (profile) => profile && taken.push(profile),
    slowed: (intervalMillis) => events.push(`slowed to ${intervalMillis}`),
    restored: () => events.push('restored'),
    mustEnd: () => false,
  });
  profiles.start();
  while (taken.length < 2) {
    const endMillis = performance.now() + 30;
    while (performance.now() < endMillis);
    await new Promise((turn) => setImmediate(turn));
  }
  profiles.stop();
  expect(events).toEqual(['slowed to 4']);
  const periods = (await Promise.all(taken.map((each) => each.read()))).map(({ period }) => period);
  expect(periods).toEqual([2_000_000, 4_000_000, 8_000_000]);
  expect(engine.time.isStarted()).toBe(false);
});
