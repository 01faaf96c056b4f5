import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
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
let received: { path: string; headers: IncomingHttpHeaders; body: string }[];

beforeAll(async () => {
  core = await buildCore('short-lives-test');
  intake = createServer(async (request, response) => {
    const { url = '', headers } = request;
    received.push({ path: url, headers, body: await otlpBody(request) });
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

const pushed = 'endpoint: false, cluster: false, push: { intervalMillis: 3_600_000 }';

const prologue = (exporter = "'otlp'", metrics = pushed) => `
const core = require('@throughline/core');
const { withSpan, logger, counter } = core;
const observability = core.initObservability({
  serviceName: 'orders',
  logs: { destinations: ['stdout', 'otlp'] },
  traces: { exporter: ${exporter} },
  metrics: { ${metrics} },
});
const placed = counter({ name: 'orders_placed_total', help: 'Orders.' });
const work = () => { withSpan('work', () => { placed.inc(); logger.info('worked'); }); };
`;

let files = 0;

interface Run {
  readonly env?: NodeJS.ProcessEnv;
  /** Options of the service, as code. */
  readonly exporter?: string;
  readonly metrics?: string;
  readonly onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
}

async function run(body: string, { env = {}, exporter, metrics, onLine }: Run = {}) {
  const file = `${core.folder}/script-${files++}.cjs`;
  writeFileSync(file, prologue(exporter, metrics) + body);
  const child = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(),
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_BLRP_SCHEDULE_DELAY: '60000',
      // A busy machine is late, not wrong.
      THROUGHLINE_EXIT_TIMEOUT: '15000',
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
  return { code, signal, stdout, stderr: await stderr, file };
}

const sent = (path: string) => received.filter((one) => one.path === path).map((one) => one.body);
const spans = (path = '/v1/traces') =>
  sent(path).flatMap((body) =>
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

  // Windows has no signals.
  test.skipIf(process.platform === 'win32')('SIGTERM → server.close(() => process.exit(0))', async () => {
    const { code } = await run(
      `const http = require('node:http');
       const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
         for (let i = 0; i < 3; i++) await (await fetch('http://127.0.0.1:' + server.address().port)).text();
         console.log('SERVED');
       });
       process.on('SIGTERM', () => server.close(() => { work(); logger.info('closed'); process.exit(0); }));`,
      { onLine: (line, kill) => line === 'SERVED' && kill('SIGTERM') },
    );
    expect(code).toBe(0);
    expect(sent('/v1/logs').join()).toContain('closed');
    expect(sent('/v1/metrics').at(-1)).toContain('orders_placed_total');
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

test('a job that has succeeded, and one that the process does not wait for', async () => {
  const { code, stderr } = await run(
    `core.observeJob('import prices', async () => { logger.info('imported'); })()
       .then(core.observeJob('unfinished', async () => process.exit(3)));`,
  );
  expect(code, stderr).toBe(3);
  expect(spans()).toEqual(['import prices', 'unfinished']);
  expect(sent('/v1/traces').join()).toContain('"interrupted"');
  const metrics = JSON.parse(sent('/v1/metrics').at(-1) ?? '').resourceMetrics.flatMap(
    (r: { scopeMetrics: { metrics: { name: string }[] }[] }) =>
      r.scopeMetrics.flatMap((scope) => scope.metrics),
  );
  const points = (name: string) => {
    const metric = metrics.find((each: { name: string }) => each.name === name);
    return (metric?.gauge ?? metric?.histogram)?.dataPoints.map(
      ({ attributes }: { attributes: { key: string; value: { stringValue: string } }[] }) =>
        attributes
          .filter(({ key }) => key.startsWith('job_'))
          .map(({ value }) => value.stringValue)
          .join(': '),
    );
  };
  expect(points('job_last_success_timestamp_seconds')).toEqual(['import prices']);
  expect(points('job_duration_seconds')).toEqual(['import prices: success', 'unfinished: interrupted']);
});

test('metrics of the OpenTelemetry API are pushed at the exit', async () => {
  const { code, stderr } = await run(
    `const meter = require('@opentelemetry/api').metrics.getMeter('orders');
     meter.createCounter('orders.shipped').add(41);
     meter.createHistogram('orders.weight').record(3);
     meter.createCounter('orders.shipped').add(1);
     process.exit(4);`,
  );
  expect(code, stderr).toBe(4);
  const shipped = JSON.parse(sent('/v1/metrics').at(-1) ?? '')
    .resourceMetrics.flatMap((r: { scopeMetrics: { metrics: { name: string }[] }[] }) =>
      r.scopeMetrics.flatMap(({ metrics }) => metrics),
    )
    .find(({ name }: { name: string }) => name === 'orders.shipped');
  expect(shipped?.sum.dataPoints).toMatchObject([{ asDouble: 42 }]);
  expect(sent('/v1/metrics').at(-1)).toContain('orders.weight');
});

describe('what waits in worker threads arrives when the main thread ends', () => {
  const thread = (main: string, inThread = "work(); parentPort.postMessage('READY');") =>
    `const { Worker, isMainThread, parentPort } = require('node:worker_threads');
     if (isMainThread) {
       const worker = new Worker(__filename);
       ${main}
     } else {
       setInterval(() => {}, 1_000);
       ${inThread}
     }`;

  test.each([
    ['process.exit()', "worker.once('message', () => { work(); process.exit(4); });", 4],
    ['an uncaught exception', "worker.once('message', () => { work(); throw new Error('boom'); });", 1],
    ['an end by itself', "worker.once('message', () => { work(); worker.unref(); });", 0],
  ])('%s', async (_name, main, exitCode) => {
    const { code, stderr } = await run(thread(main));
    expect(code, stderr).toBe(exitCode);
    expect(spans()).toEqual(['work', 'work']);
    expect(
      sent('/v1/logs')
        .join()
        .match(/worked/g),
    ).toHaveLength(2);
    expect(
      sent('/v1/metrics')
        .join()
        .match(/orders_placed_total/g)?.length,
    ).toBeGreaterThanOrEqual(2);
    expect(stderr).not.toContain('OBS_');
  });

  test.skipIf(process.platform === 'win32')('SIGTERM without a handler', async () => {
    const { signal } = await run(
      thread("worker.once('message', () => { work(); console.log('NOW'); }); process.stdin.resume();"),
      { onLine: (line, kill) => line === 'NOW' && kill('SIGTERM') },
    );
    expect(signal).toBe('SIGTERM');
    expect(spans()).toEqual(['work', 'work']);
  });

  test('a thread that computes, and one that was terminated, keep nobody', async () => {
    const { code, stderr } = await run(
      thread(
        `worker.once('message', () => worker.terminate().then(() => {
           const busy = new Worker(__filename, { argv: ['busy'] });
           busy.once('message', () => process.exit(4));
         }));`,
        `parentPort.postMessage('READY');
         if (process.argv[2] === 'busy') for (;;);`,
      ),
      { env: { THROUGHLINE_EXIT_TIMEOUT: '2000' } },
    );
    expect(code, stderr).toBe(4);
    expect(stderr).not.toContain('OBS_');
  });

  test('threads that have ended or were terminated leave no place behind, so that a later one is asked', async () => {
    const { code, stderr } = await run(
      thread(
        `const { getEnvironmentData } = require('node:worker_threads');
         const places = () => getEnvironmentData('throughline.threads').filter((id) => id !== 0).length;
         worker.once('message', () => worker.terminate().then(() => {
           const ending = new Worker(__filename, { argv: ['ending'] });
           ending.once('exit', () => setImmediate(() => {
             if (places() !== 0) process.exit(5);
             const last = new Worker(__filename);
             last.once('message', () => process.exit(places() === 1 ? 4 : 6));
           }));
         }));`,
        `work();
         if (process.argv[2] === 'ending') process.exit(0);
         parentPort.postMessage('READY');`,
      ),
    );
    expect(code, stderr).toBe(4);
    // That of the terminated thread is lost.
    expect(spans()).toEqual(['work', 'work']);
  });

  test('a thread whose backend refuses is named in one line', async () => {
    const { code, stderr } = await run(thread("worker.once('message', () => process.exit(4));"), {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    });
    expect(code).toBe(4);
    expect(stderr.match(/"code":"OBS_EXPORT_FAILED"/g)).toHaveLength(1);
    expect(stderr).toContain('1 worker thread');
  });
});

describe('an exporter of the service', () => {
  const toFile = `{
    export(spans, done) {
      require('node:fs').appendFileSync(__filename + '.spans', spans.map(({ name }) => name).join());
      done({ code: 0 });
    },
    shutdown: async () => {},
  }`;
  const stock = `new (require('@opentelemetry/exporter-trace-otlp-http').OTLPTraceExporter)({
    url: process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/stock/traces', headers: { 'x-tenant': 'shop' }, compression: 'gzip',
  })`;
  const slow = '{ export() {}, shutdown: async () => {} }';

  test.each([
    ['process.exit()', 'work(); process.exit(4);', 4],
    ['an end by itself', 'work(); process.exitCode = 4;', 4],
    ['an uncaught exception', "work(); throw new Error('boom');", 1],
  ])('that writes at once has every span: %s', async (_name, body, exitCode) => {
    const { code, stderr, file } = await run(body, { exporter: toFile });
    expect(code, stderr).toBe(exitCode);
    expect(readFileSync(`${file}.spans`, 'utf8')).toBe('work');
    expect(stderr).not.toContain('OBS_');
  });

  test('that is a stock one for OTLP, whose requests nobody could wait for', async () => {
    const { code, stderr } = await run('work(); setImmediate(() => process.exit(4));', { exporter: stock });
    expect(code, stderr).toBe(4);
    expect(spans('/stock/traces')).toEqual(['work']);
    expect(received.find(({ path }) => path === '/stock/traces')?.headers).toMatchObject({
      'x-tenant': 'shop',
      'content-encoding': 'gzip',
    });
    expect(stderr).not.toContain('OBS_');
  });

  test('that needs more time than there is: one line says how many spans were lost', async () => {
    const { code, stderr } = await run('work(); work(); process.exit(4);', { exporter: slow });
    expect(code).toBe(4);
    expect(stderr.match(/"code":"OBS_EXPORT_FAILED"/g)).toHaveLength(1);
    expect(stderr).toContain('2 spans could not be sent to the exporter of the service');
  });
});

test('what could not be sent at the end of a script is said once for each signal', async () => {
  const { code, stderr } = await run('work(); process.exitCode = 5;', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  });
  expect(code).toBe(5);
  const said = [...stderr.matchAll(/"(\d+ [a-z ]+) could not be sent to/g)].map(([, what]) => what);
  expect(said.map((what) => what?.replace(/\d+ /, '')).sort()).toEqual([
    'log records',
    'metric points',
    'spans',
  ]);
  expect(stderr.match(/"code":"OBS_EXPORT_FAILED"/g)).toHaveLength(3);
});

test("a cluster worker's last counts are in the next scrape", async () => {
  const { code, stdout, stderr } = await run(
    `const cluster = require('node:cluster');
     if (cluster.isPrimary) {
       const worker = cluster.fork();
       worker.on('message', async () => {
         // The worker is known here, and has counted nothing yet.
         await observability.metrics.render();
         worker.send('END');
       });
       worker.on('exit', async (code) => {
         console.log((await observability.metrics.render()).body);
         process.exit(code);
       });
     } else {
       observability.ready.then(() => process.send('READY'));
       const shipped = require('@opentelemetry/api').metrics.getMeter('orders').createCounter('orders.shipped');
       process.on('message', () => { placed.inc(41); work(); shipped.add(7); process.exit(2); });
     }`,
    { metrics: 'endpoint: { port: 0 }' },
  );
  expect(code, stderr).toBe(2);
  expect(stdout).toMatch(/^orders_placed_total\{[^}]*\} 42$/m);
  expect(stdout).toMatch(/^orders_shipped_total\{[^}]*\} 7$/m);
});

test('the last counts of a cluster worker that ends before anybody has met it are in the next scrape', async () => {
  const { code, stdout, stderr } = await run(
    `const cluster = require('node:cluster');
     if (cluster.isPrimary) {
       cluster.fork().on('exit', async (code) => {
         console.log((await observability.metrics.render()).body);
         process.exit(code);
       });
     } else { placed.inc(42); process.exit(2); }`,
    { metrics: 'endpoint: { port: 0 }' },
  );
  expect(code, stderr).toBe(2);
  expect(stdout).toMatch(/^orders_placed_total\{[^}]*\} 42$/m);
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
  expect(stderr.match(/"code":"OBS_EXPORT_FAILED"/g)).toHaveLength(1);
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
