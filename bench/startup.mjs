/*
 * Time from the start of the process until its server listens, CPU time of all threads until then, and modules loaded:
 * bare, with Throughline, and with the stock OpenTelemetry packages. Rounds are interleaved; medians and minima are
 * printed. Build first: npm run build.
 *
 *   node bench/startup.mjs --rounds 20
 *   node bench/startup.mjs --compile-cache     with Node's compile cache, filled before the first round
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    'compile-cache': { type: 'boolean', default: false },
  },
});
const variants = ['bare', 'throughline', 'stock'];
const service = fileURLToPath(new URL('startup-service.cjs', import.meta.url));
const cacheFolder = values['compile-cache'] ? mkdtempSync(join(tmpdir(), 'throughline-cache-')) : undefined;
const env = { ...process.env, ...(cacheFolder && { NODE_COMPILE_CACHE: cacheFolder }) };
const measured = Object.fromEntries(variants.map((variant) => [variant, []]));

for (let round = -2; round < Number(values.rounds); round++) {
  for (let i = 0; i < variants.length; i++) {
    const variant = variants[(i + round + variants.length) % variants.length];
    const start = performance.now();
    const { status, stdout } = spawnSync(process.execPath, [service, variant], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const wallMillis = performance.now() - start;
    if (status !== 0) throw new Error(`${variant} failed`);
    if (round >= 0) measured[variant].push({ wallMillis, ...JSON.parse(stdout) });
  }
}
if (cacheFolder) rmSync(cacheFolder, { recursive: true, force: true });

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];
const shown = (numbers) =>
  `${median(numbers).toFixed(0).padStart(5)} (${sorted(numbers)[0].toFixed(0)})`.padEnd(13);
console.log(
  `Node ${process.version}, ${values.rounds} rounds${cacheFolder ? ', with the compile cache' : ''}; medians, and minima in brackets`,
);
for (const variant of variants) {
  const of = (name) => measured[variant].map((each) => each[name]);
  const added = (name) => of(name).map((value, round) => value - measured.bare[round][name]);
  console.log(
    `${variant.padEnd(12)} ${shown(of('wallMillis'))} ms  +${median(added('wallMillis')).toFixed(0).padEnd(4)}` +
      ` CPU ${shown(of('cpuMillis'))} ms  +${median(added('cpuMillis')).toFixed(0).padEnd(4)}` +
      ` ${median(of('modules'))} modules  +${median(added('modules'))}`,
  );
}
