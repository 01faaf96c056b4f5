/*
 * CPU time that observing adds to one database operation: nothing, Throughline's dbPlugin (span, metric and
 * exemplar), and the stock instrumentations (span only), interleaved in one run against a local PostgreSQL and
 * Redis. Build first: npm run build.
 *
 *   node bench/databases.mjs --rounds 10 --operations 5000
 *   EXPORT=none node bench/databases.mjs      the spans of the stock variant are made and go nowhere
 *
 * Throughline writes each span as OTLP at its end and sends it in both cases: an exporter that does nothing would make it
 * use the spans of the SDK instead of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { median, startIntake } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    operations: { type: 'string', default: '5000' },
    variants: { type: 'string', default: 'none,throughline,stock' },
    clients: { type: 'string', default: 'pg,ioredis' },
  },
});
const count = Number(values.operations);
const variants = values.variants.split(',');

const intake = await startIntake();
const processes = createProcesses();
const folder = temporaryFolder();
const clients = [];
try {
  const postgresUrl = process.env.POSTGRES_URL ?? (await startPostgres({ processes, folder })).url;
  const redis = await startRedis({ processes, folder });
  if (!redis) throw new Error(`There is no Redis: ${redisHint}.`);
  for (const variant of variants) {
    const child = fork(fileURLToPath(new URL('database-client.cjs', import.meta.url)), [variant], {
      env: {
        ...process.env,
        POSTGRES_URL: postgresUrl,
        REDIS_URL: redis.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
      },
    });
    await once(child, 'message');
    clients.push({ variant, child });
  }
  const measure = async (child, operation) => {
    child.send({ operation, count });
    return (await once(child, 'message'))[0];
  };
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} operations, CPU per operation`);
  for (const operation of values.clients.split(',')) {
    const micros = Object.fromEntries(variants.map((variant) => [variant, []]));
    for (let round = -1; round < Number(values.rounds); round++) {
      for (let i = 0; i < clients.length; i++) {
        const { variant, child } = clients[(i + round + clients.length) % clients.length];
        const value = await measure(child, operation);
        if (round >= 0) micros[variant].push(value);
      }
    }
    for (const variant of variants) {
      const added = micros[variant].map((value, round) => value - micros.none[round]);
      console.log(
        `${operation.padEnd(8)} ${variant.padEnd(12)} ${median(micros[variant]).toFixed(1).padStart(6)} µs   +${median(added).toFixed(1)} µs   least ${Math.min(...micros[variant]).toFixed(1)} µs`,
      );
    }
  }
} finally {
  for (const { child } of clients) child.kill();
  intake.stop();
  await processes.stopAll();
}
