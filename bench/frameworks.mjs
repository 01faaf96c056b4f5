/*
 * CPU time per request of a service on each framework, with Throughline and without, as ratios in one run. Connections are
 * streams inside of the service, so no network takes part. Rounds are interleaved; the ratio of each round counts, and the
 * median is printed. Build first: npm run build.
 *
 *   node bench/frameworks.mjs
 *   node bench/frameworks.mjs --only fastify,hono --rounds 9 --requests 2000
 *   node bench/frameworks.mjs --network           over real connections
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { cpuPerRequest, median, startIntake, startService } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    requests: { type: 'string', default: '4000' },
    only: { type: 'string', default: 'http,express,fastify,koa,hono' },
    network: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const connections = 16;
const frameworks = values.only.split(',');

const intake = await startIntake();
process.env.BENCH_SERVICE = './framework-service.cjs';
const file = values.network ? 'framework-service.cjs' : 'connections-inside.cjs';
console.log(`Node ${process.version}, ${rounds} rounds of ${requests} requests; CPU per request`);
for (const framework of frameworks) {
  const variants = ['bare', 'throughline'];
  const services = [];
  for (const variant of variants) {
    services.push(await startService(file, `${framework}-${variant}`, { intake, connections }));
  }
  const micros = variants.map(() => []);
  // The first rounds warm up.
  for (let round = -3; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const at = (i + round + 4) % variants.length;
      const value = await measure(services[at]);
      if (round >= 0) micros[at].push(value);
    }
  }
  for (const { child } of services) child.send('stop');
  const [bare, observed] = micros;
  const ratios = observed.map((value, round) => value / bare[round]);
  const added = observed.map((value, round) => value - bare[round]);
  console.log(
    `${framework.padEnd(8)} ${median(bare).toFixed(1).padStart(6)} µs bare  ${median(observed).toFixed(1).padStart(6)} µs with Throughline  +${median(added).toFixed(1)} µs  ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
  );
}
intake.stop();

async function measure(service) {
  if (values.network) return cpuPerRequest(service, { requests, connections });
  service.child.send({ requests });
  const [{ microseconds }] = await once(service.child, 'message');
  return microseconds;
}
