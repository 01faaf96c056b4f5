/*
 * CPU time per request of the same service bare, with Throughline and with the stock OpenTelemetry packages,
 * as ratios in one run. Rounds are interleaved, because machines are noisy; the ratio of each round counts,
 * and the median of the rounds is printed. Build first: npm run build.
 *
 *   npm run bench                      20 rounds of 4,000 requests
 *   npm run bench -- --rounds 6 --requests 2000
 *   npm run bench -- --variants bare,throughline,bridge --old-header    every request has an x-trace-id
 *   npm run bench -- --inside          connections are streams inside of the service: no network takes part
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    requests: { type: 'string', default: '4000' },
    connections: { type: 'string', default: '16' },
    variants: { type: 'string', default: 'bare,throughline,stock' },
    'old-header': { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const connections = Number(values.connections);
const variants = values.variants.split(',');

// Takes everything and keeps nothing: the intake is not what is measured.
const intake = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
intake.listen(0, '127.0.0.1');
await once(intake, 'listening');

const services = {};
for (const variant of variants) services[variant] = await start(variant);
for (const variant of variants) await measure(services[variant]);
for (const variant of variants) await measure(services[variant]);

const microseconds = Object.fromEntries(variants.map((variant) => [variant, []]));
for (let round = 0; round < rounds; round++) {
  // Another order in every round, so that none always follows the same neighbour.
  for (let i = 0; i < variants.length; i++) {
    const variant = variants[(i + round) % variants.length];
    microseconds[variant].push(await measure(services[variant]));
  }
}

console.log(`Node ${process.version}, ${rounds} rounds of ${requests} requests, ${connections} connections`);
for (const variant of variants) {
  const ratios = microseconds[variant].map((value, round) => value / microseconds.bare[round]);
  console.log(
    `${variant.padEnd(12)} ${median(microseconds[variant]).toFixed(1).padStart(7)} µs CPU per request   ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
  );
}
for (const { child } of Object.values(services)) child.send('stop');
intake.close();
intake.closeAllConnections();

async function start(variant) {
  const child = fork(
    fileURLToPath(new URL(values.inside ? 'connections-inside.cjs' : 'service.cjs', import.meta.url)),
    [variant],
    {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${intake.address().port}` },
      stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'ipc'],
    },
  );
  const [{ port }] = await once(child, 'message');
  return { child, port, agent: new http.Agent({ keepAlive: true, maxSockets: connections }) };
}

async function measure({ child, port, agent }) {
  if (values.inside) {
    child.send({ requests });
    const [{ microseconds }] = await once(child, 'message');
    return microseconds;
  }
  const before = await cpu(child);
  let left = requests;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await get(port, agent, left);
    }),
  );
  return ((await cpu(child)) - before) / requests;
}

async function cpu(child) {
  child.send('cpu');
  const [message] = await once(child, 'message');
  return message.cpu.user + message.cpu.system;
}

function get(port, agent, id) {
  return new Promise((resolve, reject) => {
    const headers = values['old-header'] ? { 'x-trace-id': randomUUID() } : {};
    const request = http.get(
      { port, host: '127.0.0.1', path: `/orders/${id}`, agent, headers },
      (response) => {
        response.resume();
        response.on('end', resolve);
      },
    );
    request.on('error', reject);
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
