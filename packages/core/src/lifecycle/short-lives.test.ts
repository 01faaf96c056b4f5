import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';
import { otlpBody } from '../../test/otlp-body.js';

/*
 * Processes that end by themselves, as scripts and services do: what they recorded arrives, and their exit code is what
 * it was. The batches wait for a minute here, so that nothing leaves by itself before.
 */
let core: BuiltCore;
let intake: Server;
let received: { path: string; body: string }[];

beforeAll(async () => {
  core = await buildCore('short-lives-test');
  intake = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', body: await otlpBody(request) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(intake, 'listening');
});
afterAll(() => {
  intake.close();
  core.remove();
});
beforeEach(() => {
  received = [];
});

const endpoint = () => `http://127.0.0.1:${(intake.address() as AddressInfo).port}`;

const prologue = `
const core = require('@throughline/core');
const { withSpan, logger, counter } = core;
const observability = core.initObservability({
  serviceName: 'orders',
  logs: { destinations: ['stdout', 'otlp'] },
  metrics: { endpoint: false, cluster: false, push: { intervalMillis: 3_600_000 } },
});
const placed = counter({ name: 'orders_placed_total', help: 'Orders.' });
const work = () => { withSpan('work', () => { placed.inc(); logger.info('worked'); }); };
`;

let files = 0;

async function run(
  body: string,
  {
    env = {},
    onLine,
  }: { env?: NodeJS.ProcessEnv; onLine?: (line: string, kill: (s: NodeJS.Signals) => void) => void } = {},
) {
  const file = `${core.folder}/script-${files++}.cjs`;
  writeFileSync(file, prologue + body);
  const child = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_BLRP_SCHEDULE_DELAY: '60000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const line of chunk.split('\n')) onLine?.(line, (signal) => child.kill(signal));
  });
  const stderr = text(child.stderr);
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr: await stderr };
}

const sent = (path: string) => received.filter((one) => one.path === path).map((one) => one.body);
const spans = () =>
  sent('/v1/traces').flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap((r: { scopeSpans: { spans: { name: string }[] }[] }) =>
      r.scopeSpans.flatMap((scope) => scope.spans.map(({ name }) => name)),
    ),
  );

describe('all three signals arrive, and the exit code stays', () => {
  test.each([
    ['process.exit(0)', 'work(); process.exit(0);', 0],
    ['process.exit(7)', 'work(); process.exit(7);', 7],
    ['process.exitCode and an end by itself', 'work(); process.exitCode = 5;', 5],
    ['process.exitCode and process.exit()', 'process.exitCode = 6; work(); process.exit();', 6],
    ['process.reallyExit', 'work(); process.reallyExit(3);', 3],
    [
      "process.exit in a listener of 'exit'",
      "process.on('exit', () => process.exit(9)); work(); process.exit(1);",
      9,
    ],
    ["work in a listener of 'exit'", "process.on('exit', work); process.exit(4);", 4],
    [
      "a listener of 'exit' that throws",
      "work(); process.on('exit', () => { throw new Error('late'); }); process.exit(0);",
      0,
    ],
    [
      'a handler of uncaughtException',
      "process.on('uncaughtException', () => process.exit(8)); work(); throw new Error('boom');",
      8,
    ],
    ['an uncaught exception', "work(); throw new Error('boom');", 1],
  ])('%s', async (_name, body, exitCode) => {
    const { code, stderr } = await run(body);
    expect(code, stderr).toBe(exitCode);
    expect(spans()).toEqual(['work']);
    expect(sent('/v1/logs').join()).toContain('worked');
    expect(sent('/v1/metrics').at(-1)).toContain('orders_placed_total');
  });

  test('SIGTERM → server.close(() => process.exit(0))', async () => {
    const { code } = await run(
      `const http = require('node:http');
       const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
         for (let i = 0; i < 3; i++) await (await fetch('http://127.0.0.1:' + server.address().port)).text();
         console.log('SERVED');
       });
       process.on('SIGTERM', () => server.close(() => process.exit(0)));`,
      { onLine: (line, kill) => line === 'SERVED' && kill('SIGTERM') },
    );
    expect(code).toBe(0);
    expect(spans().filter((name) => name === 'GET')).toHaveLength(6);
    expect(sent('/v1/metrics').at(-1)).toContain('http_server_request_duration_seconds');
  });

  test('a worker thread that ends itself', async () => {
    const { code } = await run(
      `const { Worker, isMainThread } = require('node:worker_threads');
       if (isMainThread) new Worker(__filename).on('exit', (code) => { process.exitCode = code; });
       else { work(); process.exit(2); }`,
    );
    expect(code).toBe(2);
    expect(spans()).toEqual(['work']);
  });

  test('a cluster worker', async () => {
    const { code } = await run(
      `const cluster = require('node:cluster');
       if (cluster.isPrimary) cluster.fork().on('exit', (code) => process.exit(code));
       else { work(); process.exit(2); }`,
    );
    expect(code).toBe(2);
    expect(spans()).toEqual(['work']);
  });
});

test('a span that has not ended is not sent', async () => {
  await run("work(); withSpan('endless', () => process.exit(0));");
  expect(spans()).toEqual(['work']);
});

test('a backend that does not answer holds the end up no longer than the option says, and is named', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { code, stderr } = await run('work(); process.exit(3);', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, THROUGHLINE_EXIT_TIMEOUT: '100' },
  });
  silent.closeAllConnections();
  silent.close();
  expect(code).toBe(3);
  expect(stderr.match(/OBS_EXPORT_FAILED/g)).toHaveLength(1);
  expect(stderr).toContain('within 100 ms (shutdown.exitTimeoutMillis)');
});

test('0 sends nothing at the end', async () => {
  const { code } = await run('work(); process.exit(3);', { env: { THROUGHLINE_EXIT_TIMEOUT: '0' } });
  expect(code).toBe(3);
  expect(received).toEqual([]);
});

test('after shutdown nothing is left to send', async () => {
  await run('work(); observability.shutdown().then(() => process.exit(0));');
  expect(spans()).toEqual(['work']);
  expect(sent('/v1/metrics')).toHaveLength(1);
});

describe('own lines', () => {
  test('stdout has what the service wrote, and nothing else', async () => {
    const { stdout, stderr } = await run(
      "console.log('a,b'); observability.ready.then(() => process.exit(0));",
      {
        env: { OTEL_TRACES_SAMPLER: 'nonsense' },
      },
    );
    expect(stdout).toBe('a,b\n');
    expect(stderr).toContain('Throughline is on.');
    expect(stderr).toContain('OBS_');
  });

  test('go to stdout where the option says so, and the start line can be off', async () => {
    const { stdout, stderr } = await run('observability.ready.then(() => process.exit(0));', {
      env: {
        OTEL_TRACES_SAMPLER: 'nonsense',
        THROUGHLINE_SDK_LINES: 'stdout',
        THROUGHLINE_START_LINE: 'false',
      },
    });
    expect(stdout).toContain('OBS_');
    expect(stdout + stderr).not.toContain('Throughline is on.');
  });
});
