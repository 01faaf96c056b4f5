import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { time } from '@datadog/pprof';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { observeJob, withSpan } from '@throughline/core';
import {
  type CapturedObservability,
  type CaptureOptions,
  captureObservability,
} from '@throughline/core/testing';
import { expressPlugin } from '@throughline/express';
import type { PprofSample } from '@throughline/testbed/pprof';
import { startPyroscopeIntake } from '@throughline/testbed/pyroscope-intake';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freshBusy } from '../test/parts/fresh-busy.js';
import { profilesPlugin } from './index.js';

let findPrimes: ReturnType<typeof freshBusy>;
let intake: Awaited<ReturnType<typeof startPyroscopeIntake>>;
let captured: CapturedObservability;
let server: Server | undefined;

beforeEach(async () => {
  findPrimes = freshBusy();
  intake = await startPyroscopeIntake();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await captured.stop();
  await intake.stop();
});

/** Profiles until `captured.stop()`, which sends what was sampled last. */
async function start(options: CaptureOptions = {}): Promise<void> {
  captured = captureObservability({
    serviceName: 'orders',
    team: 'checkout',
    environment: 'test',
    plugins: [expressPlugin(), profilesPlugin()],
    ...options,
    profiles: { endpoint: intake.url, samplingIntervalMillis: 1, ...options.profiles },
  });
  await vi.waitFor(() => expect(time.isStarted()).toBe(true), { timeout: 10_000 });
}

async function serve(app: express.Express): Promise<string> {
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const profileOf = (name: string) => {
  const found = intake.profiles.filter(({ labels }) => labels.__name__ === name);
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[number];
};
const primes = ({ stack }: PprofSample) => stack.some(({ name }) => name === 'findPrimes');
const sum = (samples: readonly PprofSample[]) =>
  samples.reduce((total, { values }) => total + (values[1] ?? 0), 0);

describe('samples belong to the work they were taken in', () => {
  test('a request: its trace, its span and its route, also after the code has waited', async () => {
    await start();
    const app = express();
    app.get('/orders/:id', async (_request, response) => {
      findPrimes(40);
      await new Promise((done) => setTimeout(done, 1));
      await null;
      findPrimes(40);
      response.end();
    });
    app.post('/orders', express.json(), (request, response) => {
      // The body has come in events of the connection.
      findPrimes(request.body.millis);
      response.end();
    });
    const url = await serve(app);
    await Promise.all([fetch(`${url}/orders/7`), fetch(`${url}/orders/8`)]);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${url}/orders`, { method: 'POST', headers, body: '{"millis":40}' });
    const spans = await Promise.all(
      ['/7', '/8', '/orders'].map((path) =>
        captured.waitForSpan(({ attributes }) => String(attributes['url.path']).endsWith(path)),
      ),
    );
    findPrimes(40);
    await captured.stop();

    expect(intake.problems).toEqual([]);
    const samples = profileOf('process_cpu').profile.samples.filter(primes);
    const owners = new Map(samples.map(({ labels }) => [labels.span_id, labels]));
    expect(owners.size).toBe(4);
    for (const span of spans) {
      const { attributes, name } = span;
      const { spanId, traceId } = span.spanContext();
      expect(attributes['pyroscope.profile.id']).toBe(spanId);
      expect(owners.get(spanId)).toEqual({
        span_id: spanId,
        trace_id: traceId,
        http_route: name.split(' ')[1],
      });
    }
    expect(owners.get(undefined as never)).toEqual({});
    // Both halves of each request are in its profile: the profiler counts the CPU time of the thread.
    const halves = samples.filter(({ labels }) => labels.http_route === '/orders/:id');
    expect(sum(halves)).toBeGreaterThan(sum(samples) * 0.4);
  });

  test('a job, and a span outside of any request with the spans below it', async () => {
    await start();
    await observeJob('nightly', async () => {
      await null;
      withSpan('step', () => findPrimes(40));
    })();
    await withSpan('outer', async () => {
      await null;
      await withSpan('inner', async () => {
        await null;
        findPrimes(40);
        context.with(ROOT_CONTEXT, findPrimes, undefined, 40);
      });
    });
    const [outer, inner, run] = await Promise.all(
      ['outer', 'inner', 'nightly'].map((name) => captured.waitForSpan((span) => span.name === name)),
    );
    await captured.stop();
    const samples = profileOf('process_cpu').profile.samples.filter(primes);
    expect(new Set(samples.map(({ labels }) => labels.span_id))).toEqual(
      new Set([run?.spanContext().spanId, outer?.spanContext().spanId, undefined]),
    );
    expect(
      samples.find(({ labels }) => labels.span_id === outer?.spanContext().spanId)?.labels,
    ).toMatchObject({
      span_name: 'outer',
    });
    expect(outer?.attributes).toHaveProperty(['pyroscope.profile.id']);
    expect(inner?.attributes).not.toHaveProperty(['pyroscope.profile.id']);
  });

  test('a request that is not sampled keeps its route, without ids that lead nowhere', async () => {
    await start({ traces: { samplingRatio: 0 } });
    const app = express();
    app.get('/orders/:id', (_request, response) => {
      findPrimes(60);
      response.end();
    });
    await fetch(`${await serve(app)}/orders/7`);
    await captured.stop();
    const labels = profileOf('process_cpu')
      .profile.samples.filter(primes)
      .map((sample) => sample.labels);
    expect(labels).not.toHaveLength(0);
    expect(new Set(labels.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['{"http_route":"/orders/:id"}']),
    );
  });

  test('without trace ids for a Pyroscope that would make series of them', async () => {
    await start({ profiles: { traceIds: false } });
    withSpan('outer', () => findPrimes(60));
    await captured.stop();
    const found = profileOf('process_cpu')
      .profile.samples.filter(primes)
      .map(({ labels }) => Object.keys(labels));
    expect(new Set(found.flat())).toEqual(new Set(['span_name', 'span_id']));
  });
});

describe('what is sent', () => {
  test('three profiles with the identity as labels, whose times and sums are right', async () => {
    await start();
    const before = { cpu: process.cpuUsage(), epochMillis: Date.now(), millis: performance.now() };
    findPrimes(120);
    const kept = Array.from({ length: 2_000 }, (_, index) => ({
      name: `order ${index}`,
      lines: new Array(100).fill(index),
    }));
    const busyMillis = performance.now() - before.millis;
    await captured.stop();
    const { user, system } = process.cpuUsage(before.cpu);

    expect(intake.profiles.map(({ labels }) => labels.__name__)).toEqual(['process_cpu', 'wall', 'memory']);
    for (const { labels } of intake.profiles) {
      expect(labels).toMatchObject({
        service_name: 'orders',
        team: 'checkout',
        deployment_environment_name: 'test',
        instance: expect.stringContaining(`:${process.pid}`),
      });
    }
    const cpu = profileOf('process_cpu').profile;
    expect(cpu.valueTypes).toEqual(['samples/count', 'cpu/nanoseconds']);
    expect(cpu.periodType).toBe('cpu/nanoseconds');
    // Samples cannot have used more CPU than the process, and the busy function has nearly all of it.
    expect(sum(cpu.samples)).toBeLessThanOrEqual((user + system) * 1_000 * 1.5);
    expect(sum(cpu.samples.filter(primes))).toBeGreaterThan(0);
    const wall = profileOf('wall').profile;
    expect(wall.valueTypes).toEqual(['samples/count', 'wall/nanoseconds']);
    // Elapsed time at most that of the profile.
    expect(sum(wall.samples)).toBeLessThanOrEqual(wall.durationNanos * 1.01);
    expect(wall.durationNanos).toBeGreaterThanOrEqual(Math.floor(busyMillis) * 1_000_000);
    const endMillis = Number(wall.timeNanos / 1_000_000n) + wall.durationNanos / 1_000_000;
    expect(endMillis).toBeGreaterThanOrEqual(before.epochMillis);
    expect(endMillis).toBeLessThanOrEqual(Date.now());
    const memory = profileOf('memory').profile;
    expect(memory.valueTypes).toEqual(['inuse_objects/count', 'inuse_space/bytes']);
    expect(memory.periodType).toBe('space/bytes');
    expect(sum(memory.samples)).toBeGreaterThan(0);
    expect(kept).toHaveLength(2_000);
    // Frames name the source.
    const frame = cpu.samples.find(primes)?.stack.find(({ name }) => name === 'findPrimes');
    expect(frame?.file).toMatch(/busy\.ts$/);
    expect(frame?.line).toBe(2);
  });

  test('only the kinds that are wanted', async () => {
    await start({ profiles: { types: ['wall'] } });
    findPrimes(40);
    await captured.stop();
    expect(intake.profiles.map(({ labels }) => labels.__name__)).toEqual(['wall']);
    expect(await captured.metrics()).toMatch(/throughline_profiles_total\{result="exported",[^}]*\} 1\n/);
  });

  test.each([
    [{ token: 'glc_abc' }, { authorization: 'Bearer glc_abc' }],
    [{ user: '12345', password: 'secret' }, { authorization: `Basic ${btoa('12345:secret')}` }],
    [
      { tenant: 'shop', headers: { 'x-more': 'a' } },
      { 'x-scope-orgid': 'shop', 'x-more': 'a' },
    ],
  ])('with the credentials and the tenant of %j', async (profiles, headers) => {
    await start({ profiles: { types: ['wall'], ...profiles } });
    findPrimes(20);
    await captured.stop();
    expect(intake.requests).toEqual([expect.objectContaining(headers)]);
    expect(JSON.stringify(captured.logLines)).not.toContain('secret');
  });
});
