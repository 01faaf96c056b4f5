/*
 * CPU time per request of the same service bare, with Throughline and with the stock OpenTelemetry packages,
 * as ratios in one run. Rounds are interleaved, because machines are noisy; the ratio of each round counts,
 * and the median of the rounds is printed. Build first: npm run build.
 *
 *   node bench/requests.mjs                      20 rounds of 4,000 requests
 *   node bench/requests.mjs --rounds 6 --requests 2000
 *   node bench/requests.mjs --variants bare,throughline,bridge --old-header    every request has an x-trace-id
 *   node bench/requests.mjs --inside          connections are streams inside of the service: no network takes part
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { cpuPerRequest, median, startIntake, startService } from './measured-service.mjs';

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

const intake = await startIntake();
const services = {};
for (const variant of variants) {
  const file = values.inside ? 'connections-inside.cjs' : 'service.cjs';
  services[variant] = await startService(file, variant, { intake, connections });
}
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
intake.stop();

async function measure(service) {
  if (values.inside) {
    service.child.send({ requests });
    const [{ microseconds }] = await once(service.child, 'message');
    return microseconds;
  }
  const headers = () => (values['old-header'] ? { 'x-trace-id': randomUUID() } : {});
  return cpuPerRequest(service, { requests, connections, headers });
}
