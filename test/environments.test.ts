import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { installPacked } from './packed.mjs';

/*
 * Where services run in ways of their own: several processes, threads, test runners, modules evaluated twice.
 * Each request must give one server span and one count, whatever the arrangement.
 */
let folder: string;
let intake: Awaited<ReturnType<typeof startIntake>>;

beforeAll(async () => {
  ({ folder } = await installPacked(['express@5', 'jest@30', 'pm2@6']));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  intake = await startIntake();
});
afterEach(() => intake.stop());

const write = (name: string, content: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
};

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_SERVICE_NAME: 'environment',
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      ...env,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  return { child, output: () => output, ended: once(child, 'close') };
}

async function run(args: string[], env?: Record<string, string>): Promise<string> {
  const started = start(args, env);
  await started.ended;
  return started.output();
}

/** Clustered processes need to agree on a port before they start. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const serverSpans = () => intake.spansOf('environment').filter((span) => span.kind === 2);

const app = `
  const express = require('express');
  const app = express();
  app.get('/orders/:id', (request, response) => response.json({ id: request.params.id, pid: process.pid }));
  module.exports = app;`;

test('a second copy of the package, and a module that is evaluated twice, make one instance', async () => {
  const original = join(folder, 'node_modules/@throughline/core');
  cpSync(original, join(folder, 'copy/node_modules/@throughline/core'), { recursive: true });
  write('app.cjs', app);
  write(
    'twice.cjs',
    `const { initObservability } = require('@throughline/core');
    const { expressPlugin, throughlinePlugin } = require('@throughline/express');
    const options = () => ({ plugins: [expressPlugin()], logs: { level: 'warn' } });
    const first = initObservability(options());
    // Hot reload: the same module again, and once more from another copy.
    const again = initObservability(options());
    const copy = require('./copy/node_modules/@throughline/core').initObservability(options());
    const server = require('./app.cjs').listen(0, async () => {
      await (await fetch('http://localhost:' + server.address().port + '/orders/1')).text();
      await first.flush();
      const metrics = (await first.metrics.render()).body;
      console.log(JSON.stringify({
        same: first === again && first === copy,
        sigterm: process.listenerCount('SIGTERM'),
        counts: metrics.match(/^http_server_request_duration_seconds_count.*$/gm),
      }));
      await first.shutdown();
      server.close();
    });`,
  );
  const output = await run(['twice.cjs']);
  const result = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  expect(result).toMatchObject({ same: true, sigterm: 1 });
  expect(result.counts).toHaveLength(1);
  expect(result.counts[0]).toMatch(/ 1$/);
  expect(output).not.toContain('OBS_ALREADY_INITIALIZED');
  expect(serverSpans()).toHaveLength(1);
});

test('cluster: each worker records its own requests once', async () => {
  write('app.cjs', app);
  write(
    'clustered.cjs',
    `const cluster = require('node:cluster');
    if (cluster.isPrimary) {
      let listening = 0;
      const workers = [cluster.fork(), cluster.fork()];
      cluster.on('listening', async (worker, address) => {
        if (address.port !== Number(process.env.PORT) || ++listening < 2) return;
        for (let i = 0; i < 10; i++) {
          await (await fetch('http://127.0.0.1:' + process.env.PORT + '/orders/' + i, { headers: { connection: 'close' } })).text();
        }
        for (const worker of workers) worker.process.kill('SIGTERM');
      });
    } else {
      require('@throughline/core').initObservability({ plugins: [require('@throughline/express').expressPlugin()] });
      require('./app.cjs').listen(Number(process.env.PORT), '127.0.0.1');
    }`,
  );
  const output = await run(['clustered.cjs'], { PORT: String(await freePort()) });
  const spans = serverSpans();
  expect(spans, output).toHaveLength(10);
  expect(new Set(spans.map((span) => span.name))).toEqual(new Set(['GET /orders/:id']));
  expect(output.match(/Throughline is on/g)).toHaveLength(2);
}, 60_000);

test('worker_threads: a worker records by itself, and takes no port from its main thread', async () => {
  write(
    'threads.mjs',
    `import { Worker, isMainThread } from 'node:worker_threads';
    import { getObservability, withSpan } from '@throughline/core';
    if (isMainThread) {
      await getObservability().ready;
      await new Promise((resolve) => new Worker(new URL(import.meta.url)).on('exit', resolve));
      await withSpan('in main', () => {});
      await getObservability().flush();
      process.exit(0);
    } else {
      await withSpan('in worker', () => {});
      await getObservability().flush();
    }`,
  );
  const output = await run(['--import', '@throughline/core/register', 'threads.mjs']);
  const names = intake.spansOf('environment').map((span) => span.name);
  expect(names.sort(), output).toEqual(['in main', 'in worker']);
  expect(output).not.toContain('OBS_METRICS');
});

test('NODE_OPTIONS starts it in every process, npm scripts included, without doubling', async () => {
  write('plain.mjs', "import { logger } from '@throughline/core'; logger.info('hello');");
  const output = await run(['plain.mjs'], { NODE_OPTIONS: '--import @throughline/core/register' });
  expect(output.match(/Throughline is on/g)).toHaveLength(1);
  const plugins: string[] = JSON.parse(/"plugins":(\[.*?\])/.exec(output)?.[1] ?? '[]');
  expect(plugins).toEqual(expect.arrayContaining(['db', 'express', 'kafka']));
  expect(new Set(plugins).size).toBe(plugins.length);
  expect(output).toContain('"message":"hello","service_name":"environment"');
});

test('node --watch: a restart starts anew, once', async () => {
  write(
    'watched.mjs',
    "import '@throughline/core/register'; console.log('run');setInterval(() => {}, 1000);",
  );
  const { child, output, ended } = start(['--watch', 'watched.mjs']);
  await expect.poll(output, { timeout: 20_000 }).toContain('Throughline is on');
  write(
    'watched.mjs',
    "import '@throughline/core/register'; console.log('run again');setInterval(() => {}, 1000);",
  );
  await expect.poll(() => output().match(/Throughline is on/g)?.length, { timeout: 20_000 }).toBe(2);
  child.kill('SIGTERM');
  await ended;
  expect(output()).not.toContain('OBS_');
}, 60_000);

test('Jest: each test file sees its own spans, once', async () => {
  write('app.cjs', app);
  const testFile = (init: string) => `
    const { captureObservability } = require('@throughline/core/testing');
    const { expressPlugin } = require('@throughline/express');
    const express = require('express');
    const app = require('../app.cjs');
    test('a request', async () => {
      const captured = captureObservability({ plugins: [expressPlugin({ modules: { express } })] });
      const server = app.listen(0);
      await new Promise((resolve) => server.once('listening', resolve));
      await (await fetch('http://localhost:' + server.address().port + '/orders/1')).text();
      const span = await captured.waitForSpan((span) => span.kind === 1);
      expect(span.name).toBe('GET /orders/:id');
      expect(captured.spans.filter((span) => span.kind === 1)).toHaveLength(1);
      ${init}
      await new Promise((resolve) => server.close(resolve));
    });`;
  // The first file forgets to stop: the second must not suffer.
  write('jest/a.test.cjs', testFile(''));
  write('jest/b.test.cjs', testFile('await captured.stop();'));
  write('jest/c.test.cjs', testFile('await captured.stop();'));
  write(
    'jest.config.cjs',
    "module.exports = { testMatch: ['<rootDir>/jest/*.test.cjs'], testEnvironment: 'node' };",
  );
  const output = await run([
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    '--forceExit',
    '--config',
    'jest.config.cjs',
  ]);
  expect(output).toContain('Tests:       3 passed, 3 total');
}, 120_000);

test('PM2 in cluster mode: each process records once', async () => {
  const port = await freePort();
  write('app.cjs', app);
  write(
    'pm2-service.cjs',
    `require('@throughline/core').initObservability({ plugins: [require('@throughline/express').expressPlugin()] });
    require('./app.cjs').listen(${port}, '127.0.0.1', () => process.send?.('ready'));`,
  );
  const metricsPort = await freePort();
  const pm2 = (...args: string[]) =>
    run(['node_modules/pm2/bin/pm2', ...args], {
      PM2_HOME: join(folder, '.pm2'),
      NO_COLOR: '1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    });
  const requests = async () =>
    (await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text())
      .match(/^http_server_request_duration_seconds_count.*$/gm)
      ?.map((line) => Number(line.split(' ').at(-1)));
  try {
    await pm2('start', 'pm2-service.cjs', '-i', '2', '--wait-ready');
    for (let i = 0; i < 10; i++) {
      const url = `http://127.0.0.1:${port}/orders/${i}`;
      await (await fetch(url, { headers: { connection: 'close' } })).text();
    }
    // One of the two answers for both, and a reload takes nothing away.
    expect(await requests()).toEqual([10]);
    await pm2('reload', 'all');
    await expect.poll(() => requests().catch(() => undefined)).toEqual([10]);
    await pm2('stop', 'all');
    await expect.poll(serverSpans, { timeout: 10_000 }).toHaveLength(10);
    expect(new Set(serverSpans().map((span) => span.name))).toEqual(new Set(['GET /orders/:id']));
  } finally {
    await pm2('kill');
  }
}, 120_000);
