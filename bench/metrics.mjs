/*
 * What metrics cost. First CPU time of one `observe` of a histogram and one `inc` of a counter with three
 * labels, inside a sampled span (with exemplar) and outside; then time, memory and the longest turn of the event loop
 * of a scrape, without compression, at 100, 1,000 and 10,000 series as Prometheus counts them (one line of the answer
 * is one series; a histogram with 14 buckets has 17) and at 10,000 histograms. All variants have the same series and no
 * default metrics; Throughline's own metrics, about 15 lines in 14 metrics, come on top. Every series changes between
 * two scrapes. Each variant is a separate process;
 * rounds are interleaved in one run, and ratios are to prom-client. Build first: npm run build.
 *
 *   node bench/metrics.mjs --rounds 15 --values 200000 --only record|scrape --sizes 100,1000
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    values: { type: 'string', default: '200000' },
    only: { type: 'string', default: 'record,scrape' },
    sizes: { type: 'string', default: '100,1000,10000,170000' },
  },
});
const rounds = Number(values.rounds);
const base = 'prom-client';
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const openMetrics = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';

async function startWriters(variants, ...args) {
  const started = [];
  for (const variant of variants) {
    const child = fork(fileURLToPath(new URL('metric-writer.cjs', import.meta.url)), [variant, ...args], {
      execArgv: ['--expose-gc'],
    });
    await once(child, 'message');
    started.push({ variant, child });
  }
  return started;
}

async function ask(child, message) {
  child.send(message);
  const [answer] = await once(child, 'message');
  return answer;
}

/** Another order in every round, so that none always follows the same neighbour. */
async function interleaved(writers, measure) {
  const results = Object.fromEntries(writers.map(({ variant }) => [variant, []]));
  for (let round = -2; round < rounds; round++) {
    for (let i = 0; i < writers.length; i++) {
      const { variant, child } = writers[(i + round + 2) % writers.length];
      const result = await measure(child, variant);
      if (round >= 0) results[variant].push(result);
    }
  }
  return results;
}

const ratio = (own, others) => median(own.map((value, round) => value / others[round])).toFixed(2);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

if (values.only.includes('record')) {
  const writers = await startWriters([
    'prom-client',
    'prom-client, exemplars',
    'opentelemetry',
    'throughline',
  ]);
  const count = Number(values.values);
  console.log(`Node ${process.version}, ${rounds} rounds of ${count} values, CPU per value`);
  for (const kind of ['histogram', 'counter']) {
    for (const isInSpan of [true, false]) {
      const nanos = await interleaved(writers, (child) =>
        ask(child, { name: 'record', kind, isInSpan, count }),
      );
      for (const { variant } of writers) {
        console.log(
          `${kind.padEnd(9)} ${(isInSpan ? 'in a span' : 'outside').padEnd(9)} ${variant.padEnd(23)} ${median(nanos[variant]).toFixed(0).padStart(6)} ns   ${ratio(nanos[variant], nanos[base])} × ${base}`,
        );
      }
    }
  }
  for (const { child } of writers) child.disconnect();
}

const agent = new Agent({ keepAlive: true });

/** Reads the whole answer, as Prometheus does, and drops it. */
async function scrape(port, accept) {
  const start = performance.now();
  const [response] = await once(
    get({ port, agent, path: '/metrics', headers: accept ? { accept } : {} }),
    'response',
  );
  let bytes = 0;
  response.on('data', (chunk) => {
    bytes += chunk.length;
  });
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  return { millis: performance.now() - start, bytes };
}

if (values.only.includes('scrape')) {
  const variants = [
    'prom-client',
    'prom-client, exemplars',
    'opentelemetry',
    'throughline, text',
    'throughline',
  ];
  const sizes = [
    { series: 100, title: '100 series', histograms: 5, counters: 15 },
    { series: 1_000, title: '1,000 series', histograms: 50, counters: 150 },
    { series: 10_000, title: '10,000 series', histograms: 500, counters: 1_500 },
    { series: 170_000, title: '10,000 histograms (170,000 series)', histograms: 10_000, counters: 0 },
  ];
  const wanted = values.sizes.split(',').map(Number);
  for (const { title, histograms, counters } of sizes.filter(({ series }) => wanted.includes(series))) {
    const writers = await startWriters(variants, String(histograms), String(counters));
    const measured = await interleaved(writers, async (child, variant) => {
      const accept = variant === 'throughline' ? openMetrics : undefined;
      const { millis, bytes } = await scrape(await ask(child, { name: 'begin' }), accept);
      const used = await ask(child, { name: 'end' });
      await scrape(await ask(child, { name: 'watch' }), accept);
      const { blockMillis } = await ask(child, { name: 'end' });
      return { ...used, millis, bytes, blockMillis };
    });
    console.log(`\nNode ${process.version}, ${title}, ${rounds} rounds`);
    for (const { variant } of writers) {
      const of = (key, from = variant) => measured[from].map((one) => one[key]);
      console.log(
        [
          variant.padEnd(23),
          `${median(of('millis')).toFixed(1).padStart(7)} ms (${ratio(of('millis'), of('millis', base))} ×)`,
          `CPU ${median(of('cpuMillis')).toFixed(1).padStart(6)} ms (${ratio(of('cpuMillis'), of('cpuMillis', base))} ×)`,
          `longest turn ${median(of('blockMillis')).toFixed(1).padStart(6)} ms`,
          `peak +${megabytes(median(of('peakBytes')))} MB`,
          `left ${megabytes(median(of('leftBytes')))} MB`,
          `the series ${megabytes(median(of('keptBytes')))} MB`,
          `answer ${megabytes(median(of('bytes')))} MB`,
        ].join('  '),
      );
    }
    for (const { child } of writers) child.disconnect();
  }
}
agent.destroy();
