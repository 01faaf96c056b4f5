/*
 * What one answer for a whole cluster costs: time of a scrape and the longest turn of the event loop of the process
 * that answers, with three workers of 1,000 and of 10,000 series each, against prom-client's AggregatorRegistry and
 * against a single process of Throughline. Each variant is a separate service; rounds are interleaved in one run.
 * Build first: npm run build.
 *
 *   node bench/cluster.mjs --rounds 15 --workers 3
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    workers: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const variants = ['prom-client', 'throughline', 'throughline, one process'];
const base = 'prom-client';
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (const kind of ['counter', 'histogram']) {
  for (const series of [1_000, 10_000]) {
    const services = [];
    for (const variant of variants) {
      const workers = variant.endsWith('one process') ? '0' : values.workers;
      const file = fileURLToPath(new URL('cluster-service.cjs', import.meta.url));
      const child = fork(file, [variant, kind, String(series), workers]);
      const [{ url }] = await once(child, 'message');
      services.push({ variant, child, url, millis: [], turns: [] });
    }
    for (let round = -3; round < rounds; round++) {
      for (let i = 0; i < services.length; i++) {
        const service = services[(i + round + 3) % services.length];
        service.child.send('start');
        const start = performance.now();
        await (await fetch(service.url)).text();
        const millis = performance.now() - start;
        service.child.send('stop');
        const [{ turnMillis }] = await once(service.child, 'message');
        if (round < 0) continue;
        service.millis.push(millis);
        service.turns.push(turnMillis);
      }
    }
    for (const { child } of services) child.kill();
    const baseMillis = services.find(({ variant }) => variant === base).millis;
    for (const { variant, millis, turns } of services) {
      const ratio = median(millis.map((value, round) => value / baseMillis[round]));
      console.log(
        `${kind.padEnd(9)} ${String(series).padStart(6)} series  ${variant.padEnd(24)} ${median(millis).toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} × ${base}  longest turn ${median(turns).toFixed(0).padStart(4)} ms`,
      );
    }
  }
}
