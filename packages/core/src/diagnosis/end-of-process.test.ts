import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltCore, buildCore } from '../../test/built-core.js';
import { diagnoseFolder } from '../service-folder/diagnose-folder.js';

/* Started processes that are about to lose something at their end, or are not observed at all: diagnose() says so. */
let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore('end-diagnosis-test');
});
afterAll(() => core.remove());

const prologue = `
const { initObservability, getObservability } = require('@throughline/core');
const tell = async (observability) => {
  const { findings } = await observability.diagnose({ contact: false });
  process.stdout.write('FOUND ' + JSON.stringify(findings) + '\\n', () => process.exit(0));
};
`;

async function findings(body: string, env: NodeJS.ProcessEnv = {}, path = 'script.cjs') {
  mkdirSync(`${core.folder}/node_modules/nodemon`, { recursive: true });
  writeFileSync(`${core.folder}/${path}`, prologue + body);
  const child = spawn(process.execPath, [path], {
    cwd: core.folder,
    env: { ...process.env, NODE_OPTIONS: '', OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const line = stdout.split('\n').find((each) => each.startsWith('FOUND '));
  if (!line) throw new Error(stdout + stderr);
  const found = JSON.parse(line.slice(6)) as { level: string; code: string; message: string; fix: string }[];
  return found.map(({ level, code, message, fix }) => ({ what: `${level} ${code}`, message, fix }));
}

const script = 'const o = initObservability(); o.ready.then(() => tell(o));';

test('a plain script: nothing is found', async () => {
  expect(await findings(script)).toEqual([]);
});

test('an end that sends nothing, with what is lost', async () => {
  const [found, ...more] = await findings(script, {
    THROUGHLINE_EXIT_TIMEOUT: '0',
    OTEL_LOGS_EXPORTER: 'otlp',
  });
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    what: 'warning OBS_EXIT_SENDS_NOTHING',
    message: expect.stringContaining('spans, log records in the queue are lost'),
    fix: expect.stringContaining('flush()'),
  });
});

test('an end that sends nothing where nothing is sent by OTLP is no finding', async () => {
  expect(await findings(script, { THROUGHLINE_EXIT_TIMEOUT: '0', OTEL_TRACES_EXPORTER: 'none' })).toEqual([]);
});

test('worker threads that record', async () => {
  const body = `
    const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    const o = initObservability();
    if (isMainThread) new Worker(__filename).on('message', () => tell(o));
    else { o.ready.then(() => parentPort.postMessage('ready')); setInterval(() => {}, 1_000); }`;
  expect(await findings(body)).toMatchObject([
    {
      what: 'info OBS_THREADS_LOSE_QUEUE',
      message: expect.stringMatching(/^1 worker thread records here/),
      fix: expect.stringContaining('flush()'),
    },
  ]);
});

test('own lines on stdout of a script, and not of a server, whose stdout is its log', async () => {
  const env = { THROUGHLINE_SDK_LINES: 'stdout' };
  expect(await findings(script, env)).toMatchObject([
    { what: 'info OBS_SDK_LINES_ON_STDOUT', message: expect.stringContaining('start line') },
  ]);
  const server = `const o = initObservability();
    require('node:http').createServer().listen(0, () => o.ready.then(() => tell(o)));`;
  expect(await findings(server, env)).toEqual([]);
});

test('a launcher that the register entry stayed out of', async () => {
  const env = { NODE_OPTIONS: '--import=@throughline/core/register' };
  expect(await findings('tell(getObservability());', env, 'node_modules/nodemon/cli.cjs')).toMatchObject([
    { what: 'error OBS_ONLY_LAUNCHERS', message: expect.stringContaining('This process runs nodemon') },
  ]);
});

test('an end that sends nothing, from the folder and the environment alone', async () => {
  const of = async (environment: Record<string, string>) =>
    (await diagnoseFolder(core.folder, { THROUGHLINE_EXIT_TIMEOUT: '0', ...environment })).findings
      .filter(({ code }) => code === 'OBS_EXIT_SENDS_NOTHING')
      .map(({ message }) => message);
  writeFileSync(`${core.folder}/package.json`, JSON.stringify({ name: 'orders' }));
  expect(await of({ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' })).toEqual([
    expect.stringContaining(': pushed metrics in the queue are lost'),
  ]);
  expect(await of({ OTEL_TRACES_EXPORTER: 'none' })).toEqual([]);
});
