/*
 * Time from the start of the process until its server listens: bare, with Throughline, and with the stock
 * OpenTelemetry packages. Rounds are interleaved; medians are printed. Build first: npm run build.
 *
 *   node bench/startup.mjs --rounds 20
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const variants = ['bare', 'throughline', 'stock'];
const service = fileURLToPath(new URL('startup-service.cjs', import.meta.url));
const millis = Object.fromEntries(variants.map((variant) => [variant, []]));

for (let round = -2; round < Number(values.rounds); round++) {
  for (let i = 0; i < variants.length; i++) {
    const variant = variants[(i + round + variants.length) % variants.length];
    const start = performance.now();
    const { status } = spawnSync(process.execPath, [service, variant], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`${variant} failed`);
    if (round >= 0) millis[variant].push(performance.now() - start);
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
console.log(`Node ${process.version}, ${values.rounds} rounds`);
for (const variant of variants) {
  const added = millis[variant].map((value, round) => value - millis.bare[round]);
  console.log(
    `${variant.padEnd(12)} ${median(millis[variant]).toFixed(0).padStart(5)} ms until it listens   +${median(added).toFixed(0)} ms`,
  );
}
