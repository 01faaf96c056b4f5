import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { type CapturedObservability, captureObservability } from '../testing.js';
import { createOpenResponses } from './scrape-answers.js';

let captured: CapturedObservability | undefined;
afterEach(() => captured?.stop());

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/**
 * A service that counts how often its metrics were collected. A collection ends when so many requests have arrived: on a
 * busy machine they come one by one, and each would find the answer to the last one sent.
 */
async function start(awaited: number) {
  const registers = [new Registry()];
  const seen = { collections: 0 };
  let arrived = 0;
  let open = () => {};
  const allArrived = new Promise<void>((resolve) => {
    open = resolve;
  });
  const wide = new Gauge({
    name: 'wide',
    help: 'w',
    labelNames: ['route'],
    registers,
    collect: () => {
      seen.collections++;
      return allArrived;
    },
  });
  for (let route = 0; route < 500; route++) wide.set({ route: `/r/${route}` }, 1);
  captured = captureObservability({
    metrics: { endpoint: false, registries: registers },
  });
  const { observability } = captured;
  await observability.ready;
  server = createServer((request, response) => {
    observability.metricsHandler(request, response);
    if (++arrived === awaited) open();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, seen };
}

/** Writes requests on one connection in one go and gives the status of each answer. */
async function pipeline(port: number, count: number, path = '/metrics'): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const statuses: number[] = [];
  let rest = '';
  socket.setEncoding('latin1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`.repeat(count));
  for await (const chunk of socket) {
    rest += chunk;
    let end = 0;
    for (const match of rest.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      statuses.push(Number(match[1]));
      end = match.index + match[0].length;
    }
    // A chunk may end inside of a status line.
    rest = rest.slice(Math.max(end, rest.length - 'HTTP/1.1 200 '.length));
    if (statuses.length >= count) break;
  }
  socket.destroy();
  return statuses;
}

test('1,700 requests on one connection: each is answered, few of them with metrics, and those are collected once', async () => {
  const { port, seen } = await start(33);
  const statuses = await pipeline(port, 1_700);
  expect(statuses).toHaveLength(1_700);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(200);
  expect(seen.collections).toBeLessThan(50);
  // The next scraper is answered as if nothing had been.
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
});

test('5 connections with 200 requests each share few collections', async () => {
  const { port, seen } = await start(33);
  const all = await Promise.all(Array.from({ length: 5 }, () => pipeline(port, 200)));
  expect(all.flat()).toHaveLength(1_000);
  expect(all.every((statuses) => statuses[0] === 200)).toBe(true);
  expect(seen.collections).toBeLessThan(100);
});

test('100 scrapers at once that take gzip get one answer, compressed once', async () => {
  const { port, seen } = await start(100);
  let began = 0;
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const request = get({ port, path: '/metrics', headers: { 'accept-encoding': 'gzip' }, agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      began++;
      const chunks: Buffer[] = await response.toArray();
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-encoding']).toBe('gzip');
      return Buffer.concat(chunks).toString('latin1');
    }),
  );
  expect(began).toBe(100);
  expect(seen.collections).toBe(1);
  expect(new Set(answers).size).toBe(1);
});

test('probes at the same time share one run of the checks', async () => {
  captured = captureObservability({ metrics: { endpoint: { port: 0 } } });
  await captured.observability.ready;
  const started = captured.logLines.find((entry) => entry.message === 'Throughline is on.');
  const port = Number(started?.metrics_port);
  let runs = 0;
  captured.observability.health.addReadinessCheck('database', () => {
    runs++;
  });
  const statuses = await pipeline(port, 500, '/readyz');
  expect(statuses).toHaveLength(500);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(runs).toBeLessThan(100);
});

test('readers that do not read are cut off when their answers take too much memory, the oldest first', async () => {
  const open = createOpenResponses();
  server = createServer((request, response) => {
    if (!open.admit(request, response)) return;
    const body = Buffer.alloc(40 * 1_048_576);
    open.sends(response, {
      contentType: 'text/plain',
      contentEncoding: undefined,
      body,
      charset: 'utf8',
      sizeBytes: body.length,
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const slow = connect(port, '127.0.0.1').pause();
  slow.on('error', () => {});
  slow.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(server, 'request');
  const [first] = await Promise.all([
    once(slow.resume(), 'close').then(() => slow.bytesRead),
    (async () => {
      slow.pause();
      const [answer] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
      let read = 0;
      for await (const chunk of answer) read += chunk.length;
      expect(read).toBe(40 * 1_048_576);
      slow.resume();
    })(),
  ]);
  expect(first).toBeLessThan(40 * 1_048_576);
});
