/*
 * What grows with a service: the cost of a request with 1 to 10,000 routes and with 0 to 200 spans of its own, what
 * becomes of 20,000 spans per second, and memory after many requests. Requests come over streams inside the service.
 * Build first: npm run build.
 *
 *   node bench/growth.mjs
 *   node bench/growth.mjs --only routes,spans --rounds 10 --requests 20000
 *   node bench/growth.mjs --only memory --memory-requests 500000
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, startIntake } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'routes,spans,rate,memory' },
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '20000' },
    'per-second': { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
    'memory-requests': { type: 'string', default: '500000' },
  },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const only = values.only.split(',');
const pathsOf = (routes, spans) =>
  Array.from({ length: routes }, (_, route) => `/route-${route}/42?spans=${spans}`);

const intake = await startIntake();
console.log(`Node ${process.version}, ${rounds} rounds of ${requests} requests`);
if (only.includes('routes')) {
  await compare('routes', [1, 100, 1_000, 10_000], (routes) => ({ requests, paths: pathsOf(routes, 0) }));
}
if (only.includes('spans')) {
  await compare('spans', [0, 20, 200], (spans) => ({
    requests: Math.max(2_000, Math.round(requests / (1 + spans))),
    paths: pathsOf(1, spans),
    perRequest: spans,
  }));
}
if (only.includes('rate')) await rate();
if (only.includes('memory')) await memory();
intake.stop();
process.exit();

/** Added CPU per request: each size has a pair of services to itself, so that none inherits what another has learned. */
async function compare(what, sizes, loadOf) {
  const added = Object.fromEntries(sizes.map((size) => [size, []]));
  const bare = Object.fromEntries(sizes.map((size) => [size, []]));
  const pairs = {};
  for (const size of sizes)
    pairs[size] = { bare: await start('bare'), throughline: await start('throughline') };
  // The first rounds warm up; a route must have been seen before it can be known.
  for (let round = -3; round < rounds; round++) {
    for (let i = 0; i < sizes.length; i++) {
      const size = sizes[(i + round + 3) % sizes.length];
      const load = loadOf(size);
      const own = await measure(pairs[size].throughline, load);
      const plain = await measure(pairs[size].bare, load);
      if (round < 0) continue;
      added[size].push(own.microseconds - plain.microseconds);
      bare[size].push(plain.microseconds);
    }
  }
  for (const size of sizes) {
    const micros = median(added[size]);
    const { perRequest } = loadOf(size);
    const perSpan = perRequest
      ? `, ${((micros - median(added[0])) / perRequest).toFixed(2)} µs per span`
      : '';
    console.log(
      `${String(size).padStart(6)} ${what.padEnd(6)}  +${micros.toFixed(1)} µs per request (bare ${median(bare[size]).toFixed(1)} µs)${perSpan}`,
    );
    for (const child of Object.values(pairs[size])) child.kill('SIGKILL');
  }
}

/** Every span that was made is exported, dropped or failed, and counted as such. */
async function rate() {
  const child = await start('throughline');
  child.send({ ask: 'make spans', perSecond: Number(values['per-second']), seconds: Number(values.seconds) });
  const [{ made, cpuShare, text }] = await once(child, 'message');
  const counts = Object.fromEntries(
    Array.from(
      text.matchAll(/^throughline_spans_total\{[^}]*result="(\w+)"[^}]*\} (\d+)/gm),
      ([, result, count]) => [result, Number(count)],
    ),
  );
  const { exported = 0, dropped = 0, failed = 0 } = counts;
  const isComplete = exported + dropped + failed === made;
  console.log(
    `${values['per-second']} spans per second: ${made} made, ${exported} exported, ${dropped} dropped, ${failed} failed; ${Math.round(cpuShare * 100)} % of a core${isComplete ? '' : ': THEY DO NOT ADD UP'}`,
  );
  if (!isComplete) process.exitCode = 1;
  child.kill('SIGKILL');
}

async function memory() {
  const total = Number(values['memory-requests']);
  for (const variant of ['bare', 'throughline']) {
    const child = await start(variant);
    const points = [];
    for (let step = 0; step < 5; step++) {
      const { rssBytes } = await measure(child, { requests: total / 5, paths: pathsOf(100, 2) });
      points.push(`${Math.round(rssBytes / 1_048_576)} MB`);
    }
    console.log(
      `${variant.padEnd(12)} resident memory after each fifth of ${total} requests: ${points.join(', ')}`,
    );
    child.kill('SIGKILL');
  }
}

async function start(variant) {
  const child = fork(fileURLToPath(new URL('connections-inside.cjs', import.meta.url)), [variant], {
    env: { ...process.env, BENCH_SERVICE: './growth-service.cjs', OTEL_EXPORTER_OTLP_ENDPOINT: intake.url },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function measure(child, load) {
  child.send(load);
  return (await once(child, 'message'))[0];
}
