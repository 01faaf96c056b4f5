/*
 * A short form of requests.mjs that fails if a request has become much dearer: CPU time as a ratio within one run, with
 * so wide a margin that a busy machine does not matter. What it finds too dear is measured again. Part of `npm test`.
 */
import { cpuPerRequest, median, startIntake, startService } from './measured-service.mjs';

const attempts = 3;
const rounds = 5;
const load = { requests: 500, connections: 8 };
const highestOfBare = 2.2;

const intake = await startIntake();
const variants = ['bare', 'throughline', 'stock'];
const services = {};
for (const variant of variants) {
  services[variant] = await startService('service.cjs', variant, { intake, connections: load.connections });
}
let failure;
for (let attempt = 0; attempt < attempts; attempt++) {
  failure = await tooDear();
  if (!failure) break;
}
for (const { child } of Object.values(services)) child.kill('SIGKILL');
intake.stop();
if (failure) console.log(`Too dear in ${attempts} measurements: ${failure}`);
process.exit(failure ? 1 : 0);

async function tooDear() {
  const micros = Object.fromEntries(variants.map((variant) => [variant, []]));
  // The first rounds warm up.
  for (let round = -4; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[(i + round + 4) % variants.length];
      const value = await cpuPerRequest(services[variant], load);
      if (round >= 0) micros[variant].push(value);
    }
  }
  const ratioTo = (other) => median(micros.throughline.map((value, round) => value / micros[other][round]));
  const [ofBare, ofStock] = [ratioTo('bare'), ratioTo('stock')];
  console.log(
    `CPU per request: ${ofBare.toFixed(2)} of the bare service, ${ofStock.toFixed(2)} of the stock packages`,
  );
  if (ofBare >= highestOfBare) return `the ratio to the bare service must be below ${highestOfBare}`;
  return ofStock >= 1 ? 'the stock packages cost less' : undefined;
}
