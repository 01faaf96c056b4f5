/*
 * CPU time of messages through amqplib and of jobs through BullMQ, with Throughline's plugin and without, interleaved in one run
 * against a real broker and a real Redis. Build first: npm run build.
 *
 *   node bench/queues.mjs
 *   EXPORT=none node bench/queues.mjs --only rabbitmq --rounds 10    spans are made and go nowhere
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { median, startIntake } from './measured-service.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: 'rabbitmq,bullmq' },
  },
});
const rounds = Number(values.rounds);
const variants = ['bare', 'throughline'];
const operations = { rabbitmq: ['send', 'process'], bullmq: ['send', 'process'] };

const processes = createProcesses();
const intake = await startIntake();
const children = [];
try {
  const where = { processes, folder: temporaryFolder() };
  const systems = values.only.split(',');
  const rabbitmq = systems.includes('rabbitmq') ? await startRabbitmq(where) : undefined;
  const redis = systems.includes('bullmq') ? await startRedis(where) : undefined;
  if (systems.includes('rabbitmq') && !rabbitmq) throw new Error(`There is no RabbitMQ: ${rabbitmqHint}.`);
  if (systems.includes('bullmq') && !redis) throw new Error(`There is no Redis: ${redisHint}.`);
  console.log(`Node ${process.version}, ${rounds} rounds; CPU per message or job`);
  for (const system of systems) {
    const clients = [];
    for (const variant of variants) {
      const child = fork(fileURLToPath(new URL('queue-client.cjs', import.meta.url)), [system, variant], {
        env: {
          ...process.env,
          RABBITMQ_URL: rabbitmq?.url ?? '',
          REDIS_URL: redis?.url ?? '',
          OTEL_EXPORTER_OTLP_ENDPOINT: intake.url,
        },
      });
      children.push(child);
      clients.push(child);
      await once(child, 'message');
    }
    // What one operation has sent is what the next one processes.
    const micros = Object.fromEntries(operations[system].map((name) => [name, variants.map(() => [])]));
    for (let round = -1; round < rounds; round++) {
      for (let i = 0; i < variants.length; i++) {
        const at = (i + round + 2) % variants.length;
        for (const operation of operations[system]) {
          clients[at].send(operation);
          const [{ cpuMicros }] = await once(clients[at], 'message');
          if (round >= 0) micros[operation][at].push(cpuMicros);
        }
      }
    }
    for (const child of clients) child.kill();
    for (const [operation, [bare, observed]] of Object.entries(micros)) {
      const added = median(observed.map((value, round) => value - bare[round]));
      const ratio = median(observed.map((value, round) => value / bare[round]));
      console.log(
        `${system.padEnd(9)} ${operation.padEnd(8)} ${median(bare).toFixed(1).padStart(6)} µs bare  ${median(observed).toFixed(1).padStart(6)} µs with Throughline  +${added.toFixed(1)} µs  ratio ${ratio.toFixed(2)}`,
      );
    }
  }
} finally {
  for (const child of children) child.kill();
  intake.stop();
  await processes.stopAll();
}
