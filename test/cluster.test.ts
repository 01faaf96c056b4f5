import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { casesToRun } from '@throughline/testbed/cases';
import { startIntake } from '@throughline/testbed/otlp-intake';
import { anyFreePort } from '@throughline/testbed/ports';
import { promtool } from '@throughline/testbed/promtool';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fallen, killAll, type Scrape, startService as startProcesses } from './cluster/service.js';

/*
 * Several processes, or threads, of one service, and one scraper. What it sees must be the service: all of it, at
 * every scrape, and no total that falls because somebody was restarted.
 */
let intake: Awaited<ReturnType<typeof startIntake>>;
beforeAll(async () => {
  intake = await startIntake();
});
afterAll(async () => {
  killAll();
  await intake.stop();
});
const startService = (file: string, env: Readonly<Record<string, string>> = {}) =>
  startProcesses(file, { OTEL_EXPORTER_OTLP_ENDPOINT: intake.url, ...env });
const tool = promtool();
const core = fileURLToPath(new URL('../packages/core/dist/index.cjs', import.meta.url));
const problems = (output: string) => output.match(/"code":"OBS_\w+"/g) ?? [];

const clusters = [
  ['ESM', 'clustered-esm.mjs', 'true'],
  ['ESM', 'clustered-esm.mjs', 'false'],
  ['CommonJS', 'clustered-cjs.cjs', 'true'],
  ['CommonJS', 'clustered-cjs.cjs', 'false'],
] as const;
const clustersToRun = casesToRun(
  clusters,
  ([format, , without]) => (format === 'ESM') === (without === 'true'),
);
describe.each(clustersToRun)('a cluster in %s (%s), primary without: %s', (_, file, primaryWithout) => {
  test('one endpoint answers for all, and forgets nothing of a worker that is killed', async () => {
    const service = await startService(file, { PRIMARY_WITHOUT: primaryWithout });
    const hasPrimary = primaryWithout === 'false';
    const workers = [await service.fork(), await service.fork(), await service.fork()];
    for (const worker of workers) await service.work(worker, worker);
    const last = await service.work(1, 3);

    const before = await service.scrape();
    expect(before.value('jobs_total')).toBe(7);
    expect(before.value('job_weight_grams_count')).toBe(7);
    expect(before.value('job_weight_grams_sum')).toBeCloseTo(0.1 + 0.4 + 1.2);
    const members = hasPrimary ? ['0', '1', '2', '3'] : ['1', '2', '3'];
    expect(Object.keys(before.byWorker('process_resident_memory_bytes'))).toEqual(members);
    expect(Object.keys(before.byWorker('nodejs_eventloop_lag_seconds'))).toEqual(members);
    expect(before.value('throughline_cluster_members')).toBe(members.length);
    // Gauges become one as they say; those of the primary are 0, of the others their ids.
    expect(before.value('sum_depth')).toBe(6);
    expect(before.value('min_depth')).toBe(hasPrimary ? 0 : 1);
    expect(before.value('max_depth')).toBe(3);
    expect(before.value('average_depth')).toBe(hasPrimary ? 1.5 : 2);
    expect(before.samples.filter(({ name }) => name === 'first_depth')).toHaveLength(1);
    expect(before.value('omit_depth')).toBeUndefined();
    expect(Object.values(before.byWorker('each_depth')).sort()).toEqual(
      hasPrimary ? [0, 1, 2, 3] : [1, 2, 3],
    );
    // Each says by itself which process a number stands for.
    const pid = await service.call('pid', undefined, workers[1]);
    const info = before.samples.find(
      ({ name, labels }) =>
        name === 'throughline_worker_info' && labels.service_instance_id?.endsWith(`:${pid}`),
    );
    expect(members).toContain(info?.labels.worker);
    // The traces are still there, the latest where several have one.
    expect(before.samples.find(({ name }) => name === 'jobs_total')?.exemplar?.labels.trace_id).toBe(last);
    expect(before.text.match(/^# TYPE target info/gm)).toHaveLength(1);
    expect(before.text.match(/^target_info/gm)).toHaveLength(1);
    expect(before.samples.every(({ labels }) => labels.service_name === 'clustered')).toBe(true);

    await service.kill(3);
    const after = await service.scrape();
    expect(fallen(before, after)).toEqual([]);
    expect(after.value('jobs_total')).toBe(7);
    expect(after.samples.find(({ name }) => name === 'jobs_total')?.exemplar?.labels.trace_id).toBe(last);
    // A gauge is what is there now.
    expect(after.value('sum_depth')).toBe(hasPrimary ? 1 + 2 + 0 : 1 + 2);
    expect(Object.keys(after.byWorker('process_resident_memory_bytes'))).toHaveLength(members.length - 1);

    // The next one takes the number that is free.
    await service.work(5, await service.fork());
    const again = await service.scrape();
    expect(again.value('jobs_total')).toBe(12);
    expect(Object.keys(again.byWorker('process_resident_memory_bytes'))).toEqual(members);
    expect(problems(service.output()), service.output()).toEqual([]);
    if (tool) {
      const input = await (await fetch(`${service.url}/metrics`)).text();
      const { stdout, stderr } = spawnSync(tool, ['check', 'metrics'], { input, encoding: 'utf8' });
      // Names of prom-client's own.
      const complaints = (stdout + stderr).split('\n').filter((line) => !/^nodejs_\w+ /.test(line));
      expect(complaints.join('')).toBe('');
    }
    await service.stop();
  });
});

const withoutPrimary = { PRIMARY_WITHOUT: 'true' };

/** The worker that answers: the one that the health of the others is not about. */
async function leaderOf(service: Awaited<ReturnType<typeof startService>>, workers: readonly number[]) {
  const scrape = await service.scrape();
  expect(scrape.value('throughline_cluster_members')).toBe(workers.length);
  const { workers: others } = (await (await fetch(`${service.url}/readyz`)).json()) as { workers: object };
  const info = scrape.samples.find(
    ({ name, labels }) => name === 'throughline_worker_info' && !((labels.worker as string) in others),
  );
  for (const worker of workers) {
    const pid = await service.call('pid', undefined, worker);
    if (info?.labels.service_instance_id?.endsWith(`:${pid}`)) return worker;
  }
  throw new Error(`Nobody is ${JSON.stringify(info)}`);
}

const eventually = async (service: Awaited<ReturnType<typeof startService>>): Promise<Scrape> => {
  let scrape: Scrape | undefined;
  await expect
    .poll(
      async () => {
        scrape = await service.scrape().catch(() => undefined);
        return scrape !== undefined;
      },
      { interval: 20 },
    )
    .toBe(true);
  return scrape as Scrape;
};

test('when the process that answers is killed another one does, and no total falls', async () => {
  const service = await startService('clustered-esm.mjs', withoutPrimary);
  let workers = [await service.fork(), await service.fork(), await service.fork()];
  let total = 0;
  for (let round = 0; round < 2; round++) {
    for (const worker of workers) await service.work(worker, worker);
    total += workers.reduce((sum, worker) => sum + worker, 0);
    const before = await service.scrape();
    expect(before.value('jobs_total')).toBe(total);
    const leader = await leaderOf(service, workers);
    // Another one goes with it: what it had is known only to the dead leader.
    const other = workers.find((worker) => worker !== leader) as number;
    await Promise.all([service.kill(leader), service.kill(other)]);
    const after = await eventually(service);
    expect(fallen(before, after)).toEqual([]);
    expect(after.value('jobs_total')).toBe(total);
    workers = [
      ...workers.filter((worker) => worker !== leader && worker !== other),
      await service.fork(),
      await service.fork(),
    ];
  }
  // Even when nobody is left for a moment.
  const before = await service.scrape();
  await Promise.all(workers.map((worker) => service.kill(worker)));
  await service.work(1, await service.fork());
  const after = await eventually(service);
  expect(fallen(before, after)).toEqual([]);
  expect(after.value('jobs_total')).toBe(total + 1);
  expect(problems(service.output()), service.output()).toEqual([]);
  await service.stop();
});

test.each(casesToRun(['true', 'false'], (without) => without === 'true'))(
  'a rolling restart under scrapes, primary without: %s',
  async (primaryWithout) => {
    const service = await startService('clustered-cjs.cjs', { PRIMARY_WITHOUT: primaryWithout });
    let workers = [await service.fork(), await service.fork(), await service.fork()];
    let worked = 0;
    let isOver = false;
    let scrapes = 0;
    const falls: string[] = [];
    const scraping = (async () => {
      let before: Scrape | undefined;
      while (!isOver) {
        await pause(10);
        const after = await service.scrape().catch(() => undefined);
        if (!after) continue;
        scrapes++;
        if (before) falls.push(...fallen(before, after));
        before = after;
      }
    })();
    for (const worker of [...workers]) {
      for (const busy of workers) await service.work(10, busy);
      worked += 10 * workers.length;
      // As process managers do: a new one first, then the old one is asked to end.
      const next = await service.fork();
      await service.kill(worker, 'SIGTERM');
      workers = [...workers.filter((other) => other !== worker), next];
    }
    isOver = true;
    await scraping;
    expect(falls, `${falls.join('\n')}\n${service.output()}`).toEqual([]);
    expect(scrapes).toBeGreaterThan(3);
    // On SIGTERM a worker hands over what no scrape has seen yet, the one that answers too.
    for (const worker of workers.slice(1)) {
      await service.work(7, worker);
      worked += 7;
      await service.kill(worker, 'SIGTERM');
    }
    const last = await eventually(service);
    expect(last.value('jobs_total')).toBe(worked);
    // What workers have left counts as what they answered did: of the runtime, each process stays apart.
    const ofRuntime = last.samples.filter(({ name }) => /^(process|nodejs)_/.test(name));
    const together = ofRuntime.filter(({ labels }) => labels.worker === undefined).map(({ name }) => name);
    expect(new Set(together)).toEqual(new Set(['nodejs_version_info']));
    expect(problems(service.output()), service.output()).toEqual([]);
    await service.stop();
  },
);

test.each(casesToRun(['true', 'false'], (without) => without === 'false'))(
  'threads answer as one with their process, main thread without: %s',
  async (primaryWithout) => {
    const service = await startService('threaded.mjs', { PRIMARY_WITHOUT: primaryWithout });
    const threads = [await service.fork(), await service.fork()];
    for (const thread of threads) await service.work(5, thread);
    const before = await service.scrape();
    expect(before.value('jobs_total')).toBe(10);
    // Memory and processor time are the process's, the event loop is the thread's.
    expect(Object.keys(before.byWorker('process_resident_memory_bytes'))).toHaveLength(1);
    expect(Object.keys(before.byWorker('nodejs_eventloop_lag_seconds'))).toHaveLength(
      primaryWithout === 'true' ? 2 : 3,
    );
    for (const thread of threads) {
      await service.kill(thread);
      if (primaryWithout === 'true' && thread === threads.at(-1)) break;
      expect(fallen(before, await eventually(service))).toEqual([]);
    }
    expect(problems(service.output()), service.output()).toEqual([]);
    await service.stop();
  },
);

test('a worker that stands still costs neither the answer nor its totals, and is said once', async () => {
  const service = await startService('clustered-esm.mjs');
  const workers = [await service.fork(), await service.fork()];
  for (const worker of workers) await service.work(5, worker);
  const before = await service.scrape();
  const blocked = service.call('block', 8_000, 1);
  await service.hear((said) => said.blocking === true);
  const during = await service.scrape();
  expect(fallen(before, during)).toEqual([]);
  expect(during.value('jobs_total')).toBe(10);
  expect(during.value('sum_depth')).toBe(2);
  const missing = (scrape: Scrape) =>
    scrape.samples.find(
      ({ name, labels }) => name === 'throughline_cluster_members' && labels.result === 'missing',
    );
  expect(missing(during)?.value).toBe(1);
  // From then on nobody waits for it.
  const next = await service.scrape();
  const failures = next.samples.filter(
    ({ name, value }) => name === 'throughline_cluster_failures_total' && value > 0,
  );
  expect(failures.map(({ labels }) => labels.reason)).toEqual(['member_silent']);
  await blocked;
  await expect.poll(async () => missing(await service.scrape())?.value).toBe(0);
  expect(problems(service.output())).toEqual(['"code":"OBS_CLUSTER_SILENT"']);
  await service.stop();
});

test('a handler that the service mounts in each worker answers for all', async () => {
  const service = await startService('clustered-esm.mjs', { MOUNTED: 'true' });
  const workers = [await service.fork(), await service.fork()];
  for (const worker of workers) await service.work(5, worker);
  for (const worker of workers) {
    const port = await service.call('mounted', undefined, worker);
    const scrape = await service.scrape(`http://127.0.0.1:${port}/metrics`);
    expect(scrape.value('jobs_total')).toBe(10);
    expect(Object.keys(scrape.byWorker('nodejs_eventloop_lag_seconds'))).toEqual(['0', '1', '2']);
    expect(scrape.samples.find(({ name }) => name === 'jobs_total')?.exemplar).toBeDefined();
  }
  await service.stop();
});

test('the endpoint tells the health of all', async () => {
  const service = await startService('clustered-esm.mjs', withoutPrimary);
  const workers = [await service.fork(), await service.fork(), await service.fork()];
  const health = async () => {
    const answer = await fetch(`${service.url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as { status: string; workers: object } };
  };
  const leader = await leaderOf(service, workers);
  const other = workers.find((worker) => worker !== leader) as number;
  expect((await health()).status).toBe(200);
  // A diagnosis of one that does not listen itself looks at the one that does.
  expect(await service.call('scraped', undefined, other)).toBe(200);
  // A worker that is stopping leaves the rest ready.
  await service.call('shutdown', undefined, other);
  expect((await health()).status).toBe(200);
  await service.call(
    'break',
    undefined,
    workers.find((worker) => worker !== leader && worker !== other),
  );
  const broken = await health();
  expect(broken.status).toBe(503);
  expect(broken.body).toMatchObject({ status: 'failing' });
  expect(Object.values(broken.body.workers)).toContainEqual(expect.objectContaining({ status: 'failing' }));
  await service.stop();
});

test('live control over the one endpoint reaches all, and those that come later', async () => {
  const token = 'correct-horse-battery';
  const service = await startService('clustered-esm.mjs', { THROUGHLINE_CONTROL_TOKEN: token });
  const workers = [await service.fork(), await service.fork()];
  const levels = () =>
    Promise.all([undefined, ...workers].map((worker) => service.call('level', undefined, worker)));
  const ask = async (method: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${service.url}/observability/log-level`;
    const answer = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    expect(answer.status).toBe(200);
  };
  expect(await levels()).toEqual(['info', 'info', 'info']);
  await ask('PUT', { level: 'warn' });
  await expect.poll(levels).toEqual(['warn', 'warn', 'warn']);
  workers.push(await service.fork());
  await expect.poll(levels).toEqual(['warn', 'warn', 'warn', 'warn']);
  await ask('DELETE');
  await expect.poll(levels).toEqual(['info', 'info', 'info', 'info']);
  workers.push(await service.fork());
  expect(await levels()).toEqual(['info', 'info', 'info', 'info', 'info']);
  await service.stop();
});

test('without a temporary folder they meet in shared memory', async () => {
  const service = await startService('clustered-esm.mjs', { TMPDIR: '/nowhere' });
  await service.work(5, await service.fork());
  expect((await service.scrape()).value('jobs_total')).toBe(5);
  expect(problems(service.output()), service.output()).toEqual([]);
  await service.stop();
});

const uid = 54_321;
/** Only root can take the place of another user; and that user must be able to run this Node, and to read this folder. */
const canBeOther =
  process.getuid?.() === 0 &&
  spawnSync(
    process.execPath,
    ['-e', `require('node:fs').accessSync(${JSON.stringify(import.meta.dirname)})`],
    { uid, cwd: '/' },
  ).status === 0;

test.skipIf(!canBeOther)(
  'where they cannot meet one answers for itself, and it is said and counted',
  async () => {
    // Somebody else was there before them, in both places.
    const uid = 54_321;
    const taken = `/dev/shm/throughline-${uid}`;
    mkdirSync(taken, { recursive: true, mode: 0o700 });
    try {
      const service = await startProcesses(
        'clustered-cjs.cjs',
        { ...withoutPrimary, OTEL_EXPORTER_OTLP_ENDPOINT: intake.url, TMPDIR: '/nowhere' },
        { uid },
      );
      await service.work(5, await service.fork());
      const scrape = await service.scrape();
      expect(scrape.value('jobs_total')).toBe(5);
      const failures = scrape.samples.filter(
        ({ name, value }) => name === 'throughline_cluster_failures_total' && value > 0,
      );
      expect(failures.map(({ labels }) => labels.reason)).toEqual(['place_unusable']);
      expect(problems(service.output()), service.output()).toEqual(['"code":"OBS_CLUSTER_UNAVAILABLE"']);
      await service.stop();
    } finally {
      rmSync(taken, { recursive: true });
    }
  },
);

test('a process without workers and threads opens nothing, and loads no cluster module', async () => {
  const folder = temporaryFolder();
  const script = `
    import { initObservability } from ${JSON.stringify(new URL('../packages/core/dist/index.js', import.meta.url).href)};
    const observability = initObservability({ serviceName: 'alone', metrics: { endpoint: false }, logs: { level: 'error' } });
    await observability.ready;
    const { body } = await observability.metrics.render();
    console.log(JSON.stringify({
      loaded: process.moduleLoadList.filter((name) => /cluster/.test(name)),
      labels: /worker="/.test(body),
      counts: /throughline_cluster/.test(body),
    }));
    await observability.shutdown();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, TMPDIR: folder, OTEL_TRACES_EXPORTER: 'none' },
    encoding: 'utf8',
  });
  expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual({
    loaded: [],
    labels: false,
    counts: false,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('what a process with a thread opened is gone when it ends', async () => {
  const folder = temporaryFolder();
  const script = `
    const { Worker } = require('node:worker_threads');
    require(${JSON.stringify(core)}).initObservability({
      serviceName: 'threaded', metrics: { endpoint: { port: 0 } }, logs: { level: 'error' },
    });
    new Worker('', { eval: true }).on('exit', () => setTimeout(() => {
      console.log(require('node:fs').readdirSync(process.env.TMPDIR).length);
    }, 100));`;
  const output = execFileSync(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH, TMPDIR: folder, OTEL_TRACES_EXPORTER: 'none' },
    encoding: 'utf8',
  });
  expect(output.trim()).toBe('1');
  expect(readdirSync(join(folder, readdirSync(folder)[0] as string))).toEqual([]);
});

const firstToInit = casesToRun(['thread', 'main'], (first) => first === 'thread');
test.each(firstToInit)('a thread made before its process calls init; first: %s', async (first) => {
  const port = await anyFreePort();
  const script = `
    const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    const { once } = require('node:events');
    const core = require(${JSON.stringify(core)});
    const start = async () => {
      const observability = core.initObservability({ serviceName: 'threaded', metrics: { endpoint: { port: ${port} } } });
      core.counter({ name: 'jobs_total', help: 'Jobs.' }).inc();
      await observability.ready;
    };
    if (!isMainThread) return void parentPort.on('message', () => start().then(() => parentPort.postMessage('ready')));
    const thread = new Worker(__filename);
    const startThread = async () => {
      thread.postMessage('start');
      await once(thread, 'message');
    };
    (async () => {
      for (const begin of ${first === 'thread'} ? [startThread, start] : [start, startThread]) await begin();
      console.log((await (await fetch('http://127.0.0.1:${port}/metrics')).text()).match(/^jobs_total.*/m)[0]);
      process.exit();
    })();`;
  const file = join(temporaryFolder(), 'service.cjs');
  writeFileSync(file, `(() => {${script}})();`);
  const env = { PATH: process.env.PATH, TMPDIR: dirname(file), OTEL_TRACES_EXPORTER: 'none' };
  const output = execFileSync(process.execPath, [file], { env, encoding: 'utf8' });
  expect(output).toContain('jobs_total{service_name="threaded"} 2');
  expect(problems(output), output).toEqual([]);
});

test('metrics.cluster: false: each has its own', async () => {
  const service = await startService('clustered-esm.mjs', {
    ...withoutPrimary,
    THROUGHLINE_METRICS_CLUSTER: 'false',
  });
  const workers = [await service.fork(), await service.fork()];
  for (const worker of workers) await service.work(5, worker);
  const scrape = await service.scrape();
  expect(scrape.value('jobs_total')).toBe(5);
  expect(scrape.byWorker('nodejs_eventloop_lag_seconds')).toHaveProperty('');
  expect(problems(service.output())).toEqual(['"code":"OBS_METRICS_PORT_IN_USE"']);
  await service.stop();
});
