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
import { parseArgs } from 'node:util';
import { startPostgres } from '@throughline/testbed/postgres';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { compareAdded, startClients } from './added-cost.mjs';
import { startIntake } from './measured-service.mjs';

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
let clients = [];
try {
  const postgresUrl = process.env.POSTGRES_URL ?? (await startPostgres({ processes, folder })).url;
  const redis = await startRedis({ processes, folder });
  if (!redis) throw new Error(`There is no Redis: ${redisHint}.`);
  clients = await startClients('database-client.cjs', variants, {
    POSTGRES_URL: postgresUrl,
    REDIS_URL: redis.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
  });
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${count} operations, CPU per operation`);
  await compareAdded(clients, values.clients.split(','), {
    rounds: Number(values.rounds),
    count,
    nameWidth: 8,
  });
} finally {
  for (const { child } of clients) child.kill();
  intake.stop();
  await processes.stopAll();
}
