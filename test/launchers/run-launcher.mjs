import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { environmentOfUser, runIn } from '../packed.mjs';
import { service } from './service.mjs';

const startTimeoutMillis = 60_000;
const endTimeoutMillis = 15_000;

/**
 * Starts a service with one launcher in a tree of processes as a container has it, asks it once, reads its metrics and
 * ends it with the signal to the first process.
 *
 * @param {import('./launchers.mjs').Launcher} launcher
 * @param {{ tarballs: Readonly<Record<string, string>>, runnable: (command: readonly string[]) => string[] }} given the
 *   packed packages, and what installTools() gives
 * @returns {Promise<{ traces: boolean, metrics: boolean, isOnly: boolean, isSignalPassed: boolean, output: string }>}
 *   `isOnly`: no other process of the tree was observed
 */
export async function runLauncher(launcher, { tarballs, runnable }) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-launcher-')));
  const intake = await startIntake();
  let tree;
  try {
    await install(folder, launcher, tarballs, runnable);
    const [port, metricsPort] = [await freePort(), await freePort()];
    tree = startTree(folder, runnable(commandIn(folder, launcher.command)), {
      NODE_OPTIONS: `${launcher.flag ?? '--import'}=@throughline/core/register`,
      ORDERS_PORT: String(port),
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      // What is sent is sent at the end.
      OTEL_BSP_SCHEDULE_DELAY: '600000',
    });
    if (launcher.isTestRunner) return await resultOfTestRunner(tree);
    const { pid, metrics } = await answersOfOneProcess(port, metricsPort, tree);
    const isSignalPassed = await end(tree, pid);
    const output = tree.output();
    return {
      traces: intake.spansOf('orders').some(({ kind }) => kind === 2),
      metrics:
        /^http_server_request_duration_seconds_count\{[^}]*service_name="orders"[^}]*\} [1-9]\d*$/m.test(
          metrics,
        ),
      isOnly:
        startLines(output) === 1 + restarts(output) &&
        !output.includes('OBS_') &&
        namesOf(intake).length === 0,
      isSignalPassed,
      output,
    };
  } finally {
    tree?.kill();
    await intake.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const npmInstall = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps'];

async function install(
  folder,
  { packages = {}, files = {}, install: command = npmInstall },
  tarballs,
  runnable,
) {
  const orders = {
    name: 'orders',
    version: '4.5.6',
    private: true,
    license: 'UNLICENSED',
    bin: 'server.cjs',
    scripts: {
      start: 'node server.cjs',
      exec: 'exec node server.cjs',
      nested: 'npm start',
      dev: 'nodemon server.cjs',
    },
    dependencies: { '@throughline/core': `file:${tarballs.core}` },
    devDependencies: packages,
  };
  const all = {
    'package.json': JSON.stringify(orders, null, 2),
    'server.cjs': service.commonJs,
    'server.ts': service.typescript,
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o755 });
  }
  const [program, ...args] = runnable(command);
  await runIn(folder, program, args);
}

function commandIn(folder, [program, ...args]) {
  const isOfFolder = /^[a-z-]+$/.test(program) && !['node', 'pnpm'].includes(program);
  return [isOfFolder ? join(folder, 'node_modules/.bin', program) : program, ...args];
}

function startTree(folder, [program, ...args], settings) {
  const { NODE_OPTIONS: _, ...environment } = environmentOfUser();
  // A group of its own, so that all of it can be ended; the signal of the test goes to the first process alone.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    env: { ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return {
    child,
    output: () => output,
    exited: once(child, 'exit'),
    /** Resolves when no process holds the output any more. */
    closed: once(child, 'close'),
    kill() {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    },
  };
}

/** A launcher that watches files may start the service again for those that were written a moment ago. */
async function answersOfOneProcess(port, metricsPort, tree) {
  const service = `http://127.0.0.1:${port}/orders`;
  for (;;) {
    const pid = Number(await answerOf(service, tree));
    const metrics = await answerOf(`http://127.0.0.1:${metricsPort}/metrics`, tree);
    if (Number(await answerOf(service, tree)) === pid) return { pid, metrics };
  }
}

/** Asks until somebody answers. */
async function answerOf(url, tree) {
  const endMillis = Date.now() + startTimeoutMillis;
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (Date.now() > endMillis)
        throw new Error(`${url} does not answer\n${tree.output()}`, { cause: error });
      await delay(100);
    }
  }
}

/** @returns whether the signal to the first process ended the service */
async function end(tree, pid) {
  tree.child.kill('SIGTERM');
  const isPassed = await goneWithin(pid, endTimeoutMillis);
  if (!isPassed) {
    process.kill(pid, 'SIGTERM');
    await goneWithin(pid, endTimeoutMillis);
  }
  return isPassed;
}

async function goneWithin(pid, millis) {
  const endMillis = Date.now() + millis;
  while (Date.now() < endMillis) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await delay(50);
  }
  return false;
}

async function resultOfTestRunner(tree) {
  const [code] = await tree.closed;
  const output = tree.output();
  if (code !== 0) throw new Error(output);
  const isOnly = startLines(output) === 0 && !output.includes('OBS_');
  return { traces: isOnly, metrics: isOnly, isOnly, isSignalPassed: true, output };
}

const startLines = (output) => output.split('Throughline is on.').length - 1;

/** What `node --watch` and nodemon say when they start the service again. */
const restarts = (output) => output.match(/^(?:Restarting '|\[nodemon\] restarting due to)/gm)?.length ?? 0;

/** Other services of which something was sent. */
const namesOf = (intake) => intake.services().filter((name) => name !== 'orders');

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
    server.once('error', reject);
  });
}
