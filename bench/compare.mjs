/*
 * What observing costs a service, compared with the peers: OpenTelemetry's own packages, dd-trace, Sentry, EDOT and New
 * Relic, each with the set-up of its own pages. The service, the load and the sinks are local. Build first: npm run build.
 *
 *   npm run bench                                   every scenario and variant; writes docs/bench.md
 *   npm run bench -- --scenarios hello,order --variants bare,throughline,otel-2
 *   npm run bench -- --rounds 3 --seconds 1 --dry   writes nothing
 *
 * All variants of a scenario run in one interleaved run, each in a process that has a core to itself. A ratio is that
 * of a variant to the bare service in the same round; tables have the median of the rounds. Results are kept in
 * bench/compare/results.json for each major version of Node, so that a scenario can be measured again by itself.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { createLoad } from './compare/load.mjs';
import { keep, writePages } from './compare/pages.mjs';
import { startParts } from './compare/parts.mjs';
import { certificateFiles, install, variants, versionOf } from './compare/peers.mjs';
import { scenarios } from './compare/scenarios.mjs';
import { startSink } from './compare/sinks.mjs';

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: Object.keys(scenarios).join(',') },
    variants: { type: 'string', default: Object.keys(variants).join(',') },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '32' },
    dry: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const chosen = ['bare', ...known(values.variants, variants).filter((name) => name !== 'bare')];
const order = known(values.scenarios, scenarios);

// So that everything that was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
const folder = temporaryFolder();
const certificates = certificateFiles(folder);
const canPin = cpus().length > 1 && !spawnSync('taskset', ['-V']).error;
const onServiceCore = (command) => (canPin ? ['taskset', '-c', '0', ...command] : command);
const onOtherCores = (command) =>
  canPin ? ['taskset', '-c', `1-${cpus().length - 1}`, ...command] : command;
// The sinks are in this process.
if (canPin) spawnSync('taskset', ['-cp', `1-${cpus().length - 1}`, String(process.pid)]);
const load = await createLoad({ connections, pinned: onOtherCores, folder });

const method = {
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  pinned: canPin,
  load: load.name,
  connections,
  rounds,
  seconds,
  measuredOn: new Date().toISOString().slice(0, 10),
};
console.log(
  `Node ${process.version}, ${method.cores} cores, ${load.name}, ${connections} connections, ${rounds} rounds of ${seconds} s`,
);

const folders = {};
const reasons = {};
for (const name of chosen) {
  try {
    folders[name] = await install(name);
  } catch (error) {
    reasons[name] = error.message;
  }
}

const { parts, stopParts } = await startParts(
  new Set(order.flatMap((name) => scenarios[name].needs ?? [])),
  folder,
);
try {
  for (const name of order) {
    const missing = (scenarios[name].needs ?? []).filter((need) => parts[need].missing);
    if (missing.length > 0) {
      console.log(`\n${name}: left out. ${missing.map((need) => parts[need].missing).join(' ')}`);
      continue;
    }
    const rows = await measureScenario(scenarios[name]);
    print(name, rows);
    if (!values.dry) {
      keep(name, { method, rows });
      writePages();
    }
  }
} finally {
  await stopParts();
}
process.exit(0);

async function measureScenario(scenario) {
  const services = {};
  const failed = { ...reasons };
  for (const variant of chosen) {
    if (failed[variant]) continue;
    try {
      services[variant] = await start(variant, scenario);
    } catch (error) {
      failed[variant] = error.message;
    }
  }
  const measured = Object.fromEntries(chosen.map((variant) => [variant, []]));
  // Two rounds to warm up; another order in every round, so that none always follows the same neighbour.
  for (let round = -2; round < rounds; round++) {
    for (let i = 0; i < chosen.length; i++) {
      const variant = chosen[(i + round + 2) % chosen.length];
      if (failed[variant]) continue;
      try {
        const result = await measure(services[variant], scenario);
        if (round >= 0) measured[variant][round] = result;
      } catch (error) {
        failed[variant] = error.message;
      }
    }
    if (failed.bare) break;
  }
  // Exports come in batches, of which the last waits for up to five seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const rows = [];
  for (const variant of chosen) {
    const service = services[variant];
    if (failed.bare) failed[variant] ??= `the bare service failed (${failed.bare})`;
    const row = { variant, title: variants[variant].title, records: variants[variant].records };
    if (versionOf(variant)) row.version = versionOf(variant);
    if (!failed[variant]) Object.assign(row, figures(measured[variant], measured.bare, service));
    if (!failed[variant] && variant !== 'bare') {
      row.received = await spansReceived(service);
      if (row.received === 0) failed[variant] = 'nothing arrived at its sink: the figures would say nothing';
      row.spansPerUnit = row.received / service.units;
    }
    rows.push(failed[variant] ? { variant, title: row.title, failed: failed[variant] } : row);
    await service?.stop();
  }
  return rows;
}

async function start(variant, scenario) {
  const { sink: kind, start: nodeArguments, environment } = variants[variant];
  const sink = await startSink(kind, certificates);
  const errorsFile = join(folder, `${variant}.stderr`);
  const [output, errors] = [openSync('/dev/null', 'w'), openSync(errorsFile, 'w')];
  const options = {
    url: sink.url,
    sampled: scenario.isSampled,
    certificateFile: certificates.certificateFile,
  };
  const [command, ...args] = onServiceCore([
    process.execPath,
    ...nodeArguments(folders[variant]),
    fileURLToPath(new URL('compare/service.cjs', import.meta.url)),
  ]);
  const startMillis = performance.now();
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      ...process.env,
      NODE_ENV: 'production',
      BENCH_POSTGRES: parts.postgres?.url ?? '',
      BENCH_KAFKA: parts.kafka?.brokers?.join(',') ?? '',
      BENCH_UPSTREAM: parts.upstream?.url ?? '',
      ...environment(options, folders[variant]),
    },
    stdio: ['ignore', output, errors, 'ipc'],
  });
  closeSync(output);
  closeSync(errors);
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    sink.stop();
  };
  const ask = async (question) => {
    child.send(question);
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    const answer = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
    clearTimeout(timer);
    if (!answer) throw new Error(`the service ended: ${lastLine(errorsFile)}`);
    return answer[0];
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const listening = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
  clearTimeout(timer);
  if (!listening) {
    await stop();
    throw new Error(`it did not start: ${lastLine(errorsFile)}`);
  }
  return {
    sink,
    stop,
    ask,
    port: listening[0].port,
    startMillis: performance.now() - startMillis,
    units: 0,
  };
}

function lastLine(file) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return (
    (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 200) || 'no message'
  );
}

/** CPU, throughput and latency of one round. What a variant exports after the load is a part of its cost. */
async function measure(service, scenario) {
  if (scenario.operation) {
    const count = Math.round(seconds * 500);
    const result = await service.ask({ ask: scenario.operation, count });
    service.units += count;
    const { rssBytes } = await service.ask({ ask: 'state' });
    return { cpuMicros: result.cpuMicros / count, perSecond: count / result.seconds, rssBytes };
  }
  const before = await service.ask({ ask: 'state' });
  const { requests, failed, p99Millis } = await load.run({
    port: service.port,
    paths: scenario.paths,
    seconds,
  });
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await service.ask({ ask: 'state' });
  service.units += requests;
  const micros = (state) => state.cpu.user + state.cpu.system;
  return {
    cpuMicros: (micros(after) - micros(before)) / requests,
    perSecond: requests / seconds,
    p99Millis,
    rssBytes: after.rssBytes,
  };
}

function figures(own, bare, { startMillis }) {
  const ratios = (member) => own.map((result, round) => result[member] / bare[round][member]);
  const cpuRatios = ratios('cpuMicros');
  return {
    cpuMicros: median(own.map(({ cpuMicros }) => cpuMicros)),
    cpuRatio: median(cpuRatios),
    cpuRatioRange: [Math.min(...cpuRatios), Math.max(...cpuRatios)],
    throughputRatio: median(ratios('perSecond')),
    ...(own[0].p99Millis === undefined ? {} : { p99Millis: median(own.map(({ p99Millis }) => p99Millis)) }),
    rssBytes: own.at(-1).rssBytes,
    startMillis,
  };
}

/** An agent that sends at longer intervals gets more time. */
async function spansReceived({ sink }) {
  for (let waited = 0; waited < 10_000 && sink.spans() === 0; waited += 250) {
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return sink.spans();
}

function print(name, rows) {
  console.log(`\n${name}`);
  for (const row of rows) {
    const title = row.title.padEnd(26);
    if (row.failed) console.log(`  ${title} left out: ${row.failed}`);
    else {
      const [lowest, highest] = row.cpuRatioRange.map((ratio) => ratio.toFixed(2));
      console.log(
        `  ${title} ${row.cpuMicros.toFixed(0).padStart(6)} µs  CPU ${row.cpuRatio.toFixed(2)} (${lowest}–${highest})  throughput ${row.throughputRatio.toFixed(2)}  p99 ${row.p99Millis?.toFixed(1) ?? '-'} ms  ${Math.round(row.rssBytes / 1_048_576)} MB  start ${Math.round(row.startMillis)} ms${row.variant === 'bare' ? '' : `  ${row.received} spans received, ${row.spansPerUnit.toFixed(2)} per ${scenarios[name].operation ? 'message' : 'request'}`}`,
      );
    }
  }
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function known(list, catalogue) {
  const names = list.split(',');
  const unknown = names.filter((name) => !Object.hasOwn(catalogue, name));
  if (unknown.length === 0) return names;
  console.error(`Unknown: ${unknown.join(', ')}. There are: ${Object.keys(catalogue).join(', ')}.`);
  process.exit(1);
}
