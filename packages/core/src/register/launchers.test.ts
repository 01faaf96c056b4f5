import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';
import { otlpBody } from '../../test/otlp-body.js';

/*
 * Trees of processes as a container has them: NODE_OPTIONS reaches all of them, the first gets the signals, and only
 * the one that serves is to be observed.
 */
// Windows has no signals, and no shell that knows `exec`.
const isPosix = process.platform !== 'win32';
let core: BuiltCore;
let intake: Server;
let received: string[];
const started = new Set<ChildProcess>();

beforeAll(async () => {
  core = await buildCore('launchers-test');
  intake = createServer(async (request, response) => {
    received.push(await otlpBody(request));
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(intake, 'listening');
  write(
    'package.json',
    JSON.stringify({ name: 'orders', scripts: { start: 'exec node server.cjs', plain: 'node server.cjs' } }),
  );
  write('server.cjs', server);
  write(
    'parent.cjs',
    "require('node:child_process').spawn(process.execPath, ['server.cjs'], { stdio: 'inherit' });",
  );
});
afterAll(() => {
  intake.close();
  core.remove();
});
beforeEach(() => {
  received = [];
});
afterEach(() => {
  for (const { pid } of started) {
    try {
      if (pid !== undefined) process.kill(isPosix ? -pid : pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  started.clear();
});

const server = `
const http = require('node:http');
const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
  await (await fetch('http://127.0.0.1:' + server.address().port + '/orders')).text();
  console.log('SERVED');
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

function write(path: string, content: string) {
  const file = join(core.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function start(
  command: string,
  args: readonly string[],
  entry = '--import=@throughline/core/register',
  environment: NodeJS.ProcessEnv = {},
) {
  const child = spawn(command, args, {
    cwd: core.folder,
    detached: isPosix,
    // npm is a script there.
    shell: !isPosix && command === 'npm',
    env: {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(npm|pnpm|vitest|node)_/i.test(name)),
      ),
      NODE_OPTIONS: entry,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(intake.address() as AddressInfo).port}`,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      npm_config_update_notifier: 'false',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let stdout = '';
  let stderr = '';
  const served = new Promise<void>((resolve) => {
    const told = () => {
      if (stdout.includes('SERVED') && startLines(stderr).length > 0) resolve();
    };
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      told();
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      told();
    });
    child.once('close', () => resolve());
  });
  return { child, served, ended: once(child, 'close'), stdout: () => stdout, stderr: () => stderr };
}

const startLines = (stderr: string) =>
  stderr.split('\n').filter((line) => line.includes('Throughline is on.'));

describe.each(['--import=@throughline/core/register', '--require=@throughline/core/register'])(
  '%s',
  (entry) => {
    test.runIf(isPosix)(
      'npm start: the service is observed, npm is not, and SIGTERM to npm brings the spans',
      async () => {
        const { child, served, ended, stdout, stderr } = start('npm', ['start'], entry);
        await served;
        child.kill('SIGTERM');
        await ended;
        const lines = startLines(stderr());
        expect(lines, stderr()).toHaveLength(1);
        expect(lines[0]).toContain('"service_name":"orders"');
        expect(stdout()).toContain('SERVED');
        expect(stdout()).not.toContain('Throughline');
        expect(received.join(), stderr()).toContain('/orders');
        expect(received.join()).not.toContain('unknown_service');
      },
    );
  },
);

test.runIf(isPosix)(
  'a shell between npm and the service: a signal to all of them, as from a terminal',
  async () => {
    const { child, served, ended, stderr } = start('npm', ['run', 'plain']);
    await served;
    process.kill(-(child.pid as number), 'SIGTERM');
    await ended;
    expect(startLines(stderr())).toHaveLength(1);
    expect(received.join()).toContain('/orders');
  },
);

test('npm exits with nothing of Throughline loaded', async () => {
  const { ended, stdout, stderr } = start('npm', ['--version']);
  const [code] = await ended;
  expect(code).toBe(0);
  expect(stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(stderr()).toBe('');
});

test.each([
  ['node --watch', ['--watch', 'server.cjs']],
  ['a program in node_modules that starts the service', ['node_modules/starter/cli.cjs']],
])('%s: the service alone is observed', async (_name, args) => {
  write('node_modules/starter/cli.cjs', "require('../../parent.cjs');");
  const { served, stderr } = start(process.execPath, args);
  await served;
  expect(startLines(stderr())).toHaveLength(1);
});

test.runIf(isPosix)(
  'a program in node_modules that serves is observed from its first request on',
  async () => {
    write('node_modules/server-cli/cli.cjs', server);
    const { child, served, ended, stderr } = start(process.execPath, ['node_modules/server-cli/cli.cjs']);
    await served;
    child.kill('SIGTERM');
    await ended;
    expect(startLines(stderr())).toHaveLength(1);
    // The folder that it was started in is the service, not the program.
    expect(startLines(stderr())[0]).toContain('"service_name":"orders"');
    expect(received.join()).toContain('/orders');
  },
);

test('a program in node_modules that runs a script of the service without listening is observed', async () => {
  write('node_modules/runner/cli.cjs', "process.argv.splice(1, 1); require('node:module').runMain();");
  write(
    'worker.cjs',
    "const { withSpan } = require('@throughline/core'); withSpan('job', () => {}); console.log('SERVED');",
  );
  const { ended } = start(process.execPath, ['node_modules/runner/cli.cjs', `${core.folder}/worker.cjs`]);
  await ended;
  expect(received.join()).toContain('"job"');
});

test.each([
  ['of a pool: it is observed as the same service', 'pool', ['orders']],
  ['of a compiler: it is left alone', 'esbuild', []],
  ["of a logger's transport: it is left alone", 'thread-stream', []],
])('a worker thread whose file is in node_modules, %s', async (_name, library, names) => {
  write(`node_modules/${library}/package.json`, JSON.stringify({ name: library, version: '9.9.9' }));
  write(
    `node_modules/${library}/worker.cjs`,
    "require('@throughline/core').withSpan('in the thread', () => {}); process.exit(0);",
  );
  write(
    'threads.cjs',
    `new (require('node:worker_threads').Worker)(require.resolve('${library}/worker.cjs'))
      .on('exit', () => process.exit(0));`,
  );
  const { ended } = start(process.execPath, ['threads.cjs']);
  await ended;
  const sent = received.filter((body) => body.includes('in the thread'));
  expect(sent).toHaveLength(names.length);
  for (const body of sent) expect(body).toContain('"stringValue":"orders"');
});

test('a program in node_modules that does neither is left alone', async () => {
  write(
    'node_modules/tool/cli.cjs',
    "const s = require('node:net').createServer().listen(require('node:path').join(require('node:os').tmpdir(), 'tool-' + process.pid + '.sock'), () => s.close());",
  );
  const { ended, stdout, stderr } = start(process.execPath, ['node_modules/tool/cli.cjs']);
  const [code] = await ended;
  expect([code, stdout(), stderr()]).toEqual([0, '', '']);
});

test('two services that want one port: the second serves, and says in one line what to set', async () => {
  const free = createServer().listen(0);
  await once(free, 'listening');
  const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: String((free.address() as AddressInfo).port) };
  free.close();
  await once(free, 'close');
  const first = start(process.execPath, ['server.cjs'], undefined, environment);
  await first.served;
  await vi.waitFor(() => expect(startLines(first.stderr())).toHaveLength(1), 10_000);
  const second = start(process.execPath, ['server.cjs'], undefined, {
    ...environment,
    OTEL_SERVICE_NAME: 'payments',
  });
  await second.served;
  await vi.waitFor(() => expect(startLines(second.stderr())).toHaveLength(1), 10_000);
  expect(second.stdout()).toContain('SERVED');
  const problems = second
    .stderr()
    .split('\n')
    .filter((line) => line !== '' && !line.includes('Throughline is on.'));
  expect(problems).toHaveLength(1);
  expect(JSON.parse(problems[0] ?? '')).toMatchObject({
    code: 'OBS_METRICS_PORT_IN_USE',
    fix: expect.stringContaining('OTEL_EXPORTER_PROMETHEUS_PORT'),
  });
  expect(first.stderr()).not.toContain('OBS_');
});
