/*
 * CPU time of one log line inside a span: Throughline's own logger, plain winston and pino, and both of them with
 * the trace added by Throughline and by the stock OpenTelemetry instrumentations. Rounds are interleaved in one run;
 * ratios are to plain winston (pino for pino's) in the same spans. `redact: false` shows what redaction costs.
 *
 * Lines are written as a busy server does: some in one turn of the event loop, and few in one span. pino by default
 * collects the lines of a turn, and counts the bytes of all that it has for each new one: with 100 lines in a turn,
 * any 60 more characters of a line cost it a third. `--sync` leaves that out.
 *
 * Build first: npm run build.
 *
 *   node bench/logs.mjs --rounds 20 --lines 20000 --lines-per-turn 10 --lines-per-span 2 --sync
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    lines: { type: 'string', default: '20000' },
    'lines-per-turn': { type: 'string', default: '10' },
    'lines-per-span': { type: 'string', default: '2' },
    sync: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.lines);
const variants = [
  'winston',
  'winston, throughline',
  'winston, stock',
  'pino',
  'pino, throughline',
  'pino, stock',
  'throughline',
  'throughline, redact: false',
].filter((variant) => variant.startsWith(values.only));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const writers = [];
for (const variant of variants) {
  const child = fork(
    fileURLToPath(new URL('log-writer.cjs', import.meta.url)),
    [variant, values['lines-per-turn'], values['lines-per-span'], String(values.sync)],
    { stdio: ['ignore', openSync(devNull, 'w'), 'inherit', 'ipc'] },
  );
  await once(child, 'message');
  writers.push({ variant, child });
}
console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} lines, CPU per line`);
for (const kind of ['plain', 'nested']) {
  const micros = Object.fromEntries(variants.map((variant) => [variant, []]));
  for (let round = -2; round < Number(values.rounds); round++) {
    // Another order in every round, so that none always follows the same neighbour.
    for (let i = 0; i < writers.length; i++) {
      const { variant, child } = writers[(i + round + 2) % writers.length];
      child.send({ kind, count });
      const [value] = await once(child, 'message');
      if (round >= 0) micros[variant].push(value);
    }
  }
  for (const variant of variants) {
    const base = variant.startsWith('pino') ? 'pino' : 'winston';
    const ratios = micros[variant].map((value, round) => value / micros[base][round]);
    console.log(
      `${kind.padEnd(7)} ${variant.padEnd(27)} ${median(micros[variant]).toFixed(2).padStart(6)} µs   ${median(ratios).toFixed(2)} × ${base}`,
    );
  }
}
for (const { child } of writers) child.disconnect();
