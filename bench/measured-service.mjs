/* A service in a process of its own, its CPU time, and requests to it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

/** Takes everything and keeps nothing: the intake is not what is measured. */
export async function startIntake() {
  const intake = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  intake.listen(0, '127.0.0.1');
  await once(intake, 'listening');
  return {
    url: `http://127.0.0.1:${intake.address().port}`,
    stop() {
      intake.close();
      intake.closeAllConnections();
    },
  };
}

/** Starts a file of this folder, which sends `{ port }` when it listens. */
export async function startService(file, variant, { intake, connections }) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [variant], {
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: intake.url },
    stdio: ['ignore', openSync('/dev/null', 'w'), 'inherit', 'ipc'],
  });
  const [{ port }] = await once(child, 'message');
  return { child, port, agent: new http.Agent({ keepAlive: true, maxSockets: connections }) };
}

/** Microseconds of CPU per request, of so many requests over so many connections. */
export async function cpuPerRequest({ child, port, agent }, { requests, connections, headers = () => ({}) }) {
  const before = await cpuMicros(child);
  let left = requests;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await get({ port, agent, path: `/orders/${left}`, headers: headers() });
    }),
  );
  return ((await cpuMicros(child)) - before) / requests;
}

export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function cpuMicros(child) {
  child.send('cpu');
  const [message] = await once(child, 'message');
  return message.cpu.user + message.cpu.system;
}

function get(options) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', ...options }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
  });
}
