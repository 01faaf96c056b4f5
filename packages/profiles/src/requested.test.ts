import { time } from '@datadog/pprof';
import { withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { decodePprof } from '@throughline/testbed/pprof';
import { startPyroscopeIntake } from '@throughline/testbed/pyroscope-intake';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { freshBusy } from '../test/parts/fresh-busy.js';
import { profilesPlugin } from './index.js';

const token = 'correct-horse-battery';
let captured: CapturedObservability;
let url: string;

afterEach(() => captured.stop());

async function start(options: CaptureOptions = {}): Promise<void> {
  captured = captureObservability({
    serviceName: 'orders',
    plugins: [profilesPlugin()],
    control: { token },
    metrics: { endpoint: { port: 0, host: '127.0.0.1' } },
    ...options,
    profiles: { samplingIntervalMillis: 1, ...options.profiles },
  });
  await captured.observability.ready;
  url = `http://127.0.0.1:${captured.logLines.find((line) => line.metrics_port)?.metrics_port}`;
}

async function put(body: unknown, authorization = `Bearer ${token}`) {
  const response = await fetch(`${url}/observability/profile`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { response, body: new Uint8Array(await response.arrayBuffer()) };
}

/** A service that is busy inside a span until the profile is there. */
async function putWhileBusy(body: unknown) {
  let isDone = false;
  const asked = put(body).finally(() => {
    isDone = true;
  });
  await vi.waitFor(() => expect(time.isStarted()).toBe(true), { timeout: 10_000 });
  const findPrimes = freshBusy();
  while (!isDone) {
    withSpan('count', () => findPrimes(10));
    await new Promise((done) => setImmediate(done));
  }
  return asked;
}

const errorOf = ({ body }: { body: Uint8Array }) => JSON.parse(Buffer.from(body).toString()).error.message;

describe('PUT /observability/profile', () => {
  test('a CPU profile as a file, in the format of pprof', async () => {
    await start();
    const { response, body } = await putWhileBusy({ seconds: 0.3 });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="orders-cpu-\d{8}T\d{6}Z\.pb\.gz"$/,
    );
    const { samples, valueTypes } = decodePprof(body);
    expect(valueTypes).toEqual(['samples/count', 'cpu/nanoseconds']);
    const { traceId } = (await captured.waitForSpan(({ name }) => name === 'count')).spanContext();
    const inTrace = samples.filter(({ labels }) => labels.trace_id === traceId);
    expect(samples.some(({ stack }) => stack[0]?.name === 'findPrimes')).toBe(true);
    expect(inTrace.every(({ labels }) => labels.span_name === 'count')).toBe(true);
    // Only while it is asked for.
    expect(time.isStarted()).toBe(false);
    expect(captured.logLines.some(({ message }) => message === 'Live control: profile was requested.')).toBe(
      true,
    );
  });

  test('a profile for Chrome, in the order in which the samples were taken', async () => {
    await start();
    const { response, body } = await putWhileBusy({ seconds: 0.3, format: 'cpuprofile' });
    expect(response.headers.get('content-disposition')).toContain('.cpuprofile"');
    const { nodes, samples, timeDeltas, startTime, endTime } = JSON.parse(Buffer.from(body).toString());
    expect(samples).toHaveLength(timeDeltas.length);
    expect(samples.length).toBeGreaterThan(10);
    const ids = new Set(nodes.map(({ id }: { id: number }) => id));
    expect(samples.every((id: number) => ids.has(id))).toBe(true);
    const totalMicros = timeDeltas.reduce((sum: number, each: number) => sum + each, 0);
    expect(totalMicros).toBeGreaterThan(0);
    expect(totalMicros).toBeLessThanOrEqual(endTime - startTime);
    const busy = nodes.find(
      ({ callFrame }: { callFrame: { functionName: string } }) => callFrame.functionName === 'findPrimes',
    );
    expect(busy.callFrame).toMatchObject({ url: expect.stringMatching(/^file:.*busy\.ts$/), lineNumber: 1 });
    // A tree: each node but the root is the child of one other.
    const children = nodes.flatMap((node: { children: number[] }) => node.children);
    expect(new Set(children).size).toBe(nodes.length - 1);
  });

  test('a heap profile', async () => {
    await start();
    const kept: object[] = [];
    const timer = setInterval(() => kept.push(new Array(100_000).fill(kept.length)), 5);
    const { body } = await put({ seconds: 0.3, type: 'heap' });
    clearInterval(timer);
    const { valueTypes, samples } = decodePprof(body);
    expect(valueTypes).toEqual(['inuse_objects/count', 'inuse_space/bytes']);
    expect(samples.length).toBeGreaterThan(0);
    expect(kept.length).toBeGreaterThan(0);
  });

  test('the continuous profiles go on, and have the same samples', async () => {
    const intake = await startPyroscopeIntake();
    await start({ profiles: { endpoint: intake.url, types: ['cpu'] } });
    await vi.waitFor(() => expect(time.isStarted()).toBe(true), { timeout: 10_000 });
    const { body } = await putWhileBusy({ seconds: 0.2 });
    expect(time.isStarted()).toBe(true);
    await captured.stop();
    await intake.stop();
    const total = (samples: readonly { values: number[] }[]) =>
      samples.reduce((sum, { values }) => sum + (values[1] ?? 0), 0);
    const sent = intake.profiles.map(({ profile }) => total(profile.samples));
    expect(sent).toHaveLength(3);
    expect(sent).toContain(total(decodePprof(body).samples));
  });

  test.each([
    [401, { seconds: 1 }, 'Bearer wrong', /bearer token/],
    [400, { seconds: 0 }, undefined, /seconds takes a number from 0.1 to 300/],
    [400, { seconds: 301 }, undefined, /seconds takes/],
    [400, { seconds: '1' }, undefined, /seconds takes/],
    [400, { type: 'disk' }, undefined, /type takes one of cpu, wall, heap/],
    [400, { format: 'svg' }, undefined, /format takes one of pprof, cpuprofile/],
    [400, { type: 'heap', format: 'cpuprofile' }, undefined, /only the format pprof/],
    [400, { minutes: 1 }, undefined, /'minutes' is unknown; the body takes seconds, type, format/],
  ])('%i for %j', async (status, body, authorization, message) => {
    await start();
    const answer = await put(body, authorization);
    expect(answer.response.status).toBe(status);
    expect(errorOf(answer)).toMatch(message);
    expect(time.isStarted()).toBe(false);
  });

  test('one at a time, and not beside another profiler', async () => {
    await start();
    const first = put({ seconds: 0.3 });
    await vi.waitFor(() => expect(time.isStarted()).toBe(true), { timeout: 10_000 });
    const second = await put({ seconds: 0.1 });
    expect([second.response.status, errorOf(second)]).toEqual([
      409,
      expect.stringContaining('Another profile is being taken'),
    ]);
    expect((await first).response.status).toBe(200);
    time.start({ intervalMicros: 10_000 });
    const third = await put({ seconds: 0.1 });
    time.stop();
    expect([third.response.status, errorOf(third)]).toEqual([
      409,
      expect.stringContaining('Another profiler runs in this process'),
    ]);
  });

  test('a caller who disconnects ends it', async () => {
    await start();
    const controller = new AbortController();
    const asked = fetch(`${url}/observability/profile`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"seconds":300}',
      signal: controller.signal,
    }).catch(() => {});
    await vi.waitFor(() => expect(time.isStarted()).toBe(true), { timeout: 10_000 });
    controller.abort();
    await asked;
    await vi.waitFor(() => expect(time.isStarted()).toBe(false), { timeout: 10_000 });
  });
});
