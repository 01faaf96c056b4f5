import { expect, test, vi } from 'vitest';
import type { ObservabilityError } from '../model/errors.js';
import type { Part } from '../model/part.js';
import { createLifetime, type Phases } from './lifetime.js';

/** Phases with parts that write down what is asked of them. */
function noted(phases: Partial<Record<keyof Phases, Record<string, Partial<Part>>>>) {
  const calls: string[] = [];
  const problems: ObservabilityError[] = [];
  const part = (name: string, methods: Partial<Part>): Part => ({
    async flush() {
      calls.push(`flush ${name}`);
    },
    hurry: (longestMillis) => void calls.push(`hurry ${name} ${longestMillis}`),
    stop: () => void calls.push(`stop ${name}`),
    abandon: () => void calls.push(`abandon ${name}`),
    ...methods,
  });
  const parts = (phase: keyof Phases) =>
    Object.entries(phases[phase] ?? {}).map(([name, own]) => part(name, own));
  const lifetime = createLifetime(
    {
      recording: parts('recording'),
      export: parts('export'),
      push: parts('push'),
      serving: parts('serving'),
      globals: parts('globals'),
    },
    (problem) => problems.push(problem),
  );
  return { lifetime, calls, problems, part };
}

const never = () => new Promise<void>(() => {});

test('parts end phase by phase, what records in reverse and at once', async () => {
  const { lifetime, calls, part } = noted({
    globals: { api: {} },
    serving: { endpoint: {} },
    push: { metrics: {} },
    export: { spans: {}, lines: {} },
    recording: { http: {}, plugins: {} },
  });
  lifetime.add(part('signals', {}));
  const stopped = lifetime.stop(1_000);
  expect(calls.slice(0, 8).map((call) => call.split(' ')[0])).toEqual(Array(8).fill('hurry'));
  expect(calls.slice(8, 11)).toEqual(['stop signals', 'stop plugins', 'stop http']);
  await stopped;
  expect(calls.slice(11)).toEqual([
    'stop lines',
    'stop spans',
    'abandon spans',
    'abandon lines',
    'stop metrics',
    'abandon metrics',
    'stop endpoint',
    'abandon endpoint',
    'stop api',
    'abandon api',
  ]);
});

test('a second shutdown ends nothing twice', async () => {
  const { lifetime, calls } = noted({ recording: { http: {} }, serving: { endpoint: {} } });
  await Promise.all([lifetime.stop(1_000), lifetime.stop(1_000)]);
  await lifetime.stop(1_000);
  expect(calls.filter((call) => call.startsWith('stop'))).toEqual(['stop http', 'stop endpoint']);
});

test('backends that hang share four fifths of the time, and what serves has the rest: one deadline for all', async () => {
  vi.useFakeTimers();
  try {
    const { lifetime, calls } = noted({
      export: { spans: { stop: never } },
      push: { metrics: { stop: never } },
      serving: { endpoint: { stop: never } },
      globals: { api: { stop: never } },
    });
    const stopped = lifetime.stop(1_000);
    const abandonedBetween = async (what: string, fromMillis: number, toMillis: number) => {
      await vi.advanceTimersByTimeAsync(toMillis - fromMillis - 1);
      expect(calls).not.toContain(`abandon ${what}`);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls).toContain(`abandon ${what}`);
    };
    await abandonedBetween('spans', 0, 400);
    await abandonedBetween('metrics', 400, 800);
    await abandonedBetween('endpoint', 800, 1_000);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(calls.at(-1)).toBe('abandon api');
  } finally {
    vi.useRealTimers();
  }
});

test('an export has all of the time where nothing is pushed', async () => {
  vi.useFakeTimers();
  try {
    const { lifetime, calls } = noted({ export: { spans: { stop: never } } });
    const stopped = lifetime.stop(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(calls).not.toContain('abandon spans');
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(calls).toContain('abandon spans');
  } finally {
    vi.useRealTimers();
  }
});

test('a part that throws is reported and keeps no other part', async () => {
  const fail = () => {
    throw new Error('its socket is gone');
  };
  const failing = { flush: fail, hurry: fail, stop: fail, abandon: fail };
  const { lifetime, calls, problems } = noted({
    recording: { http: {}, plugins: failing },
    export: { spans: failing, lines: { stop: () => Promise.reject(new Error('no backend')) } },
    serving: { endpoint: {} },
  });
  await lifetime.flush(1_000);
  lifetime.hurry(1_000);
  await lifetime.stop(1_000);
  expect(calls).toEqual(
    expect.arrayContaining(['flush http', 'flush lines', 'hurry http 1000', 'stop http', 'stop endpoint']),
  );
  expect(problems.length).toBeGreaterThan(0);
  for (const { code, cause } of problems) {
    expect(code).toBe('OBS_SHUTDOWN_FAILED');
    expect(cause).toMatchObject({ message: 'its socket is gone' });
  }
});

test('a flush asks all phases at once, and gives up after its time', async () => {
  const { lifetime, calls } = noted({
    recording: { http: {} },
    export: { spans: { flush: never }, lines: {} },
    push: { metrics: {} },
    serving: { endpoint: {} },
  });
  await lifetime.flush(20);
  expect(calls).toEqual(['flush http', 'flush lines', 'flush metrics', 'flush endpoint']);
});
