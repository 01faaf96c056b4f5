import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectorHint, startCollector } from '@throughline/testbed/collector';
import { decodePprof } from '@throughline/testbed/pprof';
import { createProcesses } from '@throughline/testbed/processes';
import { startPyroscopeIntake } from '@throughline/testbed/pyroscope-intake';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../packages/cli/src/command-line/run.js';
import { commands } from '../packages/cli/src/commands.js';
import { recordedIo } from '../packages/cli/test/recorded-io.js';
import { type BuiltCore, buildCore } from '../packages/core/test/built-core.js';
import { buildPlugin } from './others/built-plugin.js';

/*
 * A service that has not changed, with the register entry and the plugin among its dependencies. What it sends is read by
 * `go tool pprof` and by the OpenTelemetry Collector.
 */
const processes = createProcesses();
const token = 'correct-horse-battery';
const service = `
  import { createServer } from 'node:http';
  function countPrimes(millis) {
    const end = performance.now() + millis;
    let found = 0;
    for (let candidate = 2; performance.now() < end; candidate++) {
      let isPrime = true;
      for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false;
      if (isPrime) found++;
    }
    return found;
  }
  const server = createServer((request, response) => response.end(String(countPrimes(50))));
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port + ' pid ' + process.pid));`;

let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore('profiles-service');
  await buildPlugin('profiles', core.folder, ['@datadog/pprof', '@throughline/core']);
  const modules = fileURLToPath(new URL('../packages/profiles/node_modules/', import.meta.url));
  mkdirSync(join(core.folder, 'node_modules/@datadog'), { recursive: true });
  symlinkSync(join(modules, '@datadog/pprof'), join(core.folder, 'node_modules/@datadog/pprof'));
  writeFileSync(join(core.folder, 'service.mjs'), service);
});
afterAll(async () => {
  await processes.stopAll();
  core?.remove();
});

async function start(env: Record<string, string>, nodeArgs: readonly string[] = []) {
  const started = processes.start(
    'service',
    process.execPath,
    [...nodeArgs, '--import', '@throughline/core/register', 'service.mjs'],
    {
      cwd: core.folder,
      env: {
        PATH: process.env.PATH,
        OTEL_SERVICE_NAME: 'orders',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        THROUGHLINE_CONTROL_TOKEN: token,
        THROUGHLINE_PROFILES_SAMPLING_INTERVAL: '1',
        ...env,
      },
    },
  );
  const [, port, pid] = await started.fromLine(
    (line: string) => /^port (\d+) pid (\d+)$/.exec(line) ?? undefined,
    60_000,
  );
  const get = async () => (await fetch(`http://127.0.0.1:${port}/primes`)).text();
  return { ...started, pid: pid as string, get };
}

const hasGo = spawnSync('go', ['version']).status === 0;
/** What `go tool pprof` says of a file. */
function pprof(file: string, ...args: string[]): string {
  if (!hasGo) {
    expect(process.env.CI, 'Go is there').toBeUndefined();
    return '';
  }
  return execFileSync('go', ['tool', 'pprof', ...args, file], { encoding: 'utf8', stdio: 'pipe' });
}

test('what is pushed is read by `go tool pprof`', async () => {
  const intake = await startPyroscopeIntake();
  const started = await start({ THROUGHLINE_PROFILES_ENDPOINT: intake.url });
  // The profiler is loaded beside the start of the service.
  for (let i = 0; i < 10; i++) await started.get();
  await started.stop();
  await intake.stop();
  expect(started.lines.filter((line: string) => line.includes('"level":"warn"'))).toEqual([]);
  expect(intake.problems).toEqual([]);
  const pushed = intake.profiles.find(({ labels }) => labels.__name__ === 'process_cpu');
  expect(pushed?.labels.service_name).toBe('orders');
  const file = join(temporaryFolder(), 'cpu.pb.gz');
  writeFileSync(file, pushed?.pprof as Uint8Array);
  const top = pprof(file, '-top', '-cum');
  if (!hasGo) return;
  expect(top).toContain('Type: cpu');
  expect(top).toMatch(/\d+(\.\d+)?%\s+countPrimes/);
  // Its own sum is that of our decoder.
  const raw = pprof(file, '-raw', '-sample_index=cpu');
  expect(raw).toMatch(/PeriodType: cpu nanoseconds/);
}, 180_000);

test.runIf(process.platform === 'linux')(
  '`throughline profile --pid` finds port and token, and writes a file',
  async () => {
    const started = await start({});
    const folder = temporaryFolder();
    let isDone = false;
    const io = recordedIo({ folder });
    const profiling = runCommandLine(
      commands,
      ['profile', '--pid', started.pid, '--seconds', '0.5', '--output', 'cpu.pb.gz'],
      io,
    ).finally(() => {
      isDone = true;
    });
    while (!isDone) await started.get();
    expect([await profiling, io.problemText()]).toEqual([0, expect.stringContaining('for 0.5 s')]);
    expect(io.outText()).toContain(join(folder, 'cpu.pb.gz'));
    const { samples } = decodePprof(readFileSync(join(folder, 'cpu.pb.gz')));
    // V8 may have inlined the function before the profile began; then its caller has the time.
    const isOfService = (frame: { file: string }) => frame.file.endsWith('service.mjs');
    expect(samples.some(({ stack }) => stack.some(isOfService))).toBe(true);
    await started.stop();
  },
  60_000,
);

test('without its addon there are no profiles, one warning, and a service that works', async () => {
  const intake = await startPyroscopeIntake();
  const started = await start({ THROUGHLINE_PROFILES_ENDPOINT: intake.url }, ['--no-addons']);
  await started.fromLine((line: string) => (line.includes('OBS_PROFILER_UNAVAILABLE') ? line : undefined));
  expect(Number(await started.get())).toBeGreaterThan(0);
  await started.stop();
  await intake.stop();
  expect(started.lines.filter((line: string) => line.includes('"level":"warn"'))).toHaveLength(1);
  expect(intake.profiles).toEqual([]);
}, 60_000);

test('the OpenTelemetry Collector takes it as OTLP', async () => {
  const collector = await startCollector({
    processes,
    folder: temporaryFolder(),
    args: ['--feature-gates=service.profilesSupport'],
    config: ({ otlpPort }) => ({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
      exporters: { debug: { verbosity: 'detailed', sampling_initial: 1000 } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { profiles: { receivers: ['otlp'], exporters: ['debug'] } },
      },
    }),
  });
  if (!collector) {
    expect(process.env.CI, collectorHint).toBeUndefined();
    return;
  }
  const started = await start({
    THROUGHLINE_PROFILES_ENDPOINT: collector.otlpUrl,
    THROUGHLINE_PROFILES_PROTOCOL: 'otlp',
    THROUGHLINE_PROFILES_TYPES: 'cpu',
  });
  for (let i = 0; i < 5; i++) await started.get();
  await started.stop();
  await collector.stop();
  const said = collector.lines.join('\n');
  expect(started.lines.filter((line: string) => line.includes('"level":"warn"'))).toEqual([]);
  expect(said).toContain('countPrimes');
  expect(said).toContain('service.name: Str(orders)');
}, 120_000);
