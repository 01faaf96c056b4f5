/*
 * What continuous profiles cost at their defaults (a sample every 10 ms; CPU, wall and heap profiles; an upload every 15
 * seconds): CPU per request and resident memory of an Express service with Throughline, with and without profiles.
 *
 * One process switches its profiles on and off in turn, so that both are measured with the same code, heap and machine.
 * Requests come over streams inside the process, as fast as it answers: there is no idle time that would hide the cost.
 * For the memory, two processes get the same requests. Build first: npm run build.
 *
 *   node bench/profiles.mjs                      30 rounds of 4,000 requests
 *   node bench/profiles.mjs --rounds 6 --requests 2000
 */
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { median, startIntake, startService } from './measured-service.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, requests: { type: 'string', default: '4000' } },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);

const intake = await startIntake();
const start = (variant) => startService('connections-inside.cjs', variant, { intake, connections: 1 });

const { child } = await start('profiled');
const pairs = [];
// The first rounds warm up.
for (let round = -4; round < rounds; round++) {
  const pair = {};
  for (const isOn of round % 2 === 0 ? [true, false] : [false, true]) {
    await profiles(child, isOn);
    // The first requests after the change run code that the change has made slower for a moment.
    await measure(child, requests / 4);
    pair[isOn] = (await measure(child, requests)).microseconds;
  }
  if (round >= 0) pairs.push(pair);
}
child.send('stop');
const ratios = pairs.map((pair) => pair.true / pair.false);

const megabytes = {};
for (const variant of ['throughline', 'profiled']) {
  const service = await start(variant);
  const seen = [];
  for (let i = 0; i < rounds; i++) seen.push((await measure(service.child, requests)).rssBytes / 1_048_576);
  megabytes[variant] = median(seen.slice(seen.length / 2));
  service.child.send('stop');
}
intake.stop();

const quartile = (share) => ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length * share)].toFixed(3);
console.log(
  `Node ${process.version}, ${rounds} rounds of ${requests} requests, load of the machine ${loadavg()[0].toFixed(1)}`,
);
console.log(
  `CPU per request  ${median(pairs.map((pair) => pair.false)).toFixed(1)} µs without, ${median(pairs.map((pair) => pair.true)).toFixed(1)} µs with profiles, ratio ${median(ratios).toFixed(3)} (half of the rounds: ${quartile(0.25)}–${quartile(0.75)})`,
);
console.log(
  `resident memory  ${megabytes.throughline.toFixed(0)} MB without, ${megabytes.profiled.toFixed(0)} MB with profiles`,
);

async function measure(service, count) {
  service.send({ requests: count });
  const [result] = await once(service, 'message');
  return result;
}

/** Resolves when the profiler has started or stopped. */
async function profiles(service, isOn) {
  service.send({ profiles: isOn });
  await once(service, 'message');
}
