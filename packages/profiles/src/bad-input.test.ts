import { createRequire } from 'node:module';
import { time } from '@datadog/pprof';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { startPyroscopeIntake } from '@throughline/testbed/pyroscope-intake';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { profilesPlugin } from './index.js';

let captured: CapturedObservability;
afterEach(async () => {
  await captured.stop();
  if (time.isStarted()) time.stop();
});

const begin = (endpoint: string, options: CaptureOptions = {}) => {
  captured = captureObservability({
    serviceName: 'orders',
    plugins: [profilesPlugin()],
    ...options,
    profiles: { endpoint, samplingIntervalMillis: 1, types: ['wall'], ...options.profiles },
  });
};
const isStarted = (expected: boolean) =>
  vi.waitFor(() => expect(time.isStarted()).toBe(expected), { timeout: 10_000 });
/** One more profile is sent each time. */
async function onceMore(): Promise<void> {
  captured.observability.setPluginEnabled('profiles', false);
  await isStarted(false);
  captured.observability.setPluginEnabled('profiles', true);
  await isStarted(true);
}
const warnings = () => captured.logLines.filter(({ level }) => level === 'warn' || level === 'error');
const said = (code: string) =>
  vi.waitFor(() => expect(warnings().map((line) => line.code)).toEqual([code]), { timeout: 10_000 });
async function counted(result: string): Promise<number> {
  const line = new RegExp(`throughline_profiles_total\\{result="${result}",[^}]*\\} (\\d+)`);
  return Number(line.exec(await captured.metrics())?.[1]);
}

describe('an intake that does not take profiles: one warning, and what is lost is counted', () => {
  test('wrong credentials', async () => {
    const intake = await startPyroscopeIntake(() => 401);
    begin(intake.url, { profiles: { user: 'orders', password: 'wrong-secret' } });
    await isStarted(true);
    await onceMore();
    await onceMore();
    await vi.waitFor(async () => expect(await counted('failed')).toBe(2), { timeout: 10_000 });
    await said('OBS_EXPORT_FAILED');
    expect(warnings()[0]?.message).toMatch(/Profiles cannot be sent to http:.*401/);
    expect(JSON.stringify(captured.logLines)).not.toContain('wrong-secret');
    await intake.stop();
  });

  test('nobody listens, and the address has a password in it', async () => {
    const intake = await startPyroscopeIntake();
    await intake.stop();
    begin(intake.url.replace('http://', 'http://orders:url-secret@'), {
      shutdown: { timeoutMillis: 100 },
    });
    await isStarted(true);
    captured.observability.setPluginEnabled('profiles', false);
    await captured.stop();
    expect(warnings().map(({ code }) => code)).toEqual(['OBS_EXPORT_FAILED']);
    expect(JSON.stringify(captured.logLines)).not.toContain('url-secret');
  });

  test('it hangs: only a few profiles wait, and the shutdown does not', async () => {
    const intake = await startPyroscopeIntake(() => new Promise(() => {}));
    begin(intake.url, { shutdown: { timeoutMillis: 100 } });
    await isStarted(true);
    for (let i = 0; i < 6; i++) await onceMore();
    await vi.waitFor(async () => expect(await counted('dropped')).toBe(2), { timeout: 10_000 });
    await vi.waitFor(() => expect(intake.requests).toHaveLength(4), { timeout: 10_000 });
    await said('OBS_EXPORT_DROPPED');
    await captured.stop();
    // The four that waited, and the one that was taken at the end and found no room.
    await vi.waitFor(
      async () => expect([await counted('failed'), await counted('dropped')]).toEqual([4, 3]),
      {
        timeout: 10_000,
      },
    );
    await vi.waitFor(() => expect(warnings().at(-1)?.code).toBe('OBS_EXPORT_FAILED'), { timeout: 10_000 });
    await intake.stop();
  });
});

describe('no profiler: one warning, no profiles, and a service that goes on', () => {
  test('another profiler had started before', async () => {
    time.start({ intervalMicros: 10_000 });
    begin('http://127.0.0.1:1');
    await said('OBS_PROFILER_CONFLICT');
    await captured.stop();
    // It is left alone.
    expect(time.isStarted()).toBe(true);
  });

  test.each(['--cpu-prof', '--heap-prof', '--prof'])('the process was started with %s', async (option) => {
    process.execArgv.push(option);
    begin('http://127.0.0.1:1');
    await said('OBS_PROFILER_CONFLICT');
    process.execArgv.pop();
    expect(warnings()[0]?.message).toContain(option);
    expect(time.isStarted()).toBe(false);
  });

  test('another copy of the profiler is loaded later, by dd-trace for example', async () => {
    const intake = await startPyroscopeIntake();
    begin(intake.url, { profiles: { uploadIntervalMillis: 1_000 } });
    await isStarted(true);
    const { cache } = createRequire(import.meta.url);
    const file = '/srv/node_modules/dd-trace/node_modules/@datadog/pprof/out/src/index.js';
    cache[file] = { exports: {} } as NodeJS.Module;
    try {
      await isStarted(false);
      await said('OBS_PROFILER_CONFLICT');
    } finally {
      delete cache[file];
    }
    // What was sampled until then is sent.
    await captured.stop();
    expect(intake.profiles).toHaveLength(1);
    await intake.stop();
  });
});
