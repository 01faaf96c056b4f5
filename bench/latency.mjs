/*
 * Latency of requests that come at a fixed rate: half of what the bare service can answer with a core to itself. Each
 * request has a time at which it is due, and its latency counts from then, so that a pause of the service is not
 * hidden by a client that waits for it. Ratios to the bare service in one run, interleaved. Build first: npm run build.
 *
 *   node bench/latency.mjs --rounds 9 --seconds 3
 *   node bench/latency.mjs --warm-up 700000
 *   node --min-semi-space-size=16 --max-semi-space-size=16 bench/latency.mjs
 *
 * The last form gives all services the same young generation, the largest that V8 comes to by itself. V8's collections
 * of that generation are a part of the 99th percentile: short and frequent while it is small. V8 enlarges it after a number
 * of surviving objects, in each service at another time; after 700,000 requests all have done so.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuPerRequest, median, startService } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    variants: { type: 'string', default: 'bare,throughline,stock' },
    'per-second': { type: 'string' },
    'warm-up': { type: 'string', default: '32000' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const warmUpRounds = 4;
const warmUpRequests = Math.ceil(Number(values['warm-up']) / warmUpRounds);
const variants = ['bare', ...values.variants.split(',').filter((name) => name !== 'bare')];

const canPin = cpus().length > 1 && !spawnSync('taskset', ['-V']).error;
const pin = (pid, cores) => canPin && spawnSync('taskset', ['-a', '-cp', cores, String(pid)]);
// In the process of the client, or on its core, the intake would delay the client's reading of answers. With two cores it
// shares the one of the service, and runs when the service is idle: it stands for another machine.
const lastCore = cpus().length - 1;
const intake = fork(fileURLToPath(new URL('intake.mjs', import.meta.url)));
const [{ url }] = await once(intake, 'message');
pin(intake.pid, lastCore > 1 ? String(lastCore) : '0');
if (canPin && lastCore === 1) spawnSync('chrt', ['-a', '--idle', '-p', '0', String(intake.pid)]);
const services = {};
for (const variant of variants) {
  services[variant] = await startService('service.cjs', variant, { intake: { url }, connections });
  pin(services[variant].child.pid, '0');
}
pin(process.pid, lastCore > 1 ? `1-${lastCore - 1}` : '1');

// Warm, and how much CPU a bare request takes. A service that gets half of its load before V8 has compiled its code is
// overloaded for a while, grows its heap for that, and keeps it.
for (let i = 0; i < warmUpRounds; i++) {
  for (const variant of variants) {
    await cpuPerRequest(services[variant], { requests: warmUpRequests, connections });
  }
}
const bareMicros = await cpuPerRequest(services.bare, { requests: 8_000, connections });
const perSecond = Number(values['per-second'] ?? Math.round(500_000 / bareMicros));

const results = Object.fromEntries(variants.map((variant) => [variant, []]));
for (let round = -1; round < rounds; round++) {
  for (let i = 0; i < variants.length; i++) {
    const variant = variants[(i + round + variants.length) % variants.length];
    const latencies = await paced(services[variant]);
    if (round >= 0) results[variant].push(latencies);
  }
}
console.log(
  `Node ${process.version}, ${rounds} rounds of ${seconds} s, ${perSecond} requests per second, ${connections} connections`,
);
for (const variant of variants) {
  const columns = [50, 99].map((percent) => {
    const of = (name) => results[name].map((latencies) => percentile(latencies, percent));
    const ratios = of(variant).map((value, round) => value / of('bare')[round]);
    const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
    return `p${percent} ${median(of(variant)).toFixed(2)} ms, ratio ${median(ratios).toFixed(2)} (${range})`;
  });
  console.log(`${variant.padEnd(12)} ${columns.join('   ')}`);
}
for (const { child, agent } of Object.values(services)) {
  agent.destroy();
  child.kill();
}
intake.disconnect();

/**
 * Sends what is due as soon as this process gets to it, on the next connection. It only counts the answers: a whole HTTP
 * client would be as busy as the service, and its own pauses would be what is measured.
 *
 * @returns milliseconds, ascending
 */
async function paced({ port }) {
  const latencies = [];
  const total = perSecond * seconds;
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(port)));
  let over;
  const isOver = new Promise((resolve) => {
    over = resolve;
  });
  const due = sockets.map((socket) => {
    const waiting = [];
    let rest = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      const parts = (rest + chunk).split('HTTP/1.1 2');
      // A chunk may end inside of a status line.
      rest = parts.at(-1).slice(-9);
      for (let i = 1; i < parts.length; i++) latencies.push(performance.now() - waiting.shift());
      if (latencies.length === total) over();
    });
    return waiting;
  });
  const startMillis = performance.now();
  for (let sent = 0; sent < total; ) {
    const until = Math.min(total, Math.floor(((performance.now() - startMillis) / 1_000) * perSecond));
    for (; sent < until; sent++) {
      const at = sent % connections;
      due[at].push(startMillis + (sent / perSecond) * 1_000);
      sockets[at].write(`GET /orders/${sent} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await isOver;
  for (const socket of sockets) socket.destroy();
  return latencies.sort((a, b) => a - b);
}

async function connected(port) {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  return socket;
}

function percentile(ascending, percent) {
  return ascending[Math.min(ascending.length - 1, Math.floor((ascending.length * percent) / 100))];
}
