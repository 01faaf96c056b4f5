import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { kafkaHint, startKafka } from '@throughline/testbed/kafka';
import { startMariadb } from '@throughline/testbed/mariadb';
import { startPostgres } from '@throughline/testbed/postgres';
import type { createProcesses } from '@throughline/testbed/processes';
import { rabbitmqHint, startRabbitmq } from '@throughline/testbed/rabbitmq';
import { startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { OtherProgram } from './programs.js';
import type { Suite } from './suites.js';

const servers = {
  pg: ['POSTGRES_URL', startPostgres],
  ioredis: ['REDIS_URL', startRedis],
  mysql2: ['MYSQL_URL', startMariadb],
} as const;

/** The servers that programs need, as environment variables with their addresses. */
export async function startDatabases(
  programs: readonly OtherProgram[],
  processes: ReturnType<typeof createProcesses>,
): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const env: Record<string, string> = {};
  for (const [library, [variable, start]] of Object.entries(servers)) {
    if (!programs.some(({ name }) => name === library)) continue;
    const given = process.env[variable];
    const server = given ? { url: given } : await start({ processes, folder });
    if (!server) throw new Error(`${library} needs a server: set ${variable}`);
    env[variable] = server.url;
  }
  if (programs.some(({ name }) => name === 'kafkajs')) {
    const kafka = await startKafka({ processes, folder });
    if (!kafka) throw new Error(`kafkajs needs a broker: ${kafkaHint}`);
    env.KAFKA_BROKERS = kafka.brokers.join(',');
  }
  return env;
}

/** Starts the server that a suite needs, with its usual port on this machine too. */
export async function startServer({ server }: Suite, processes: ReturnType<typeof createProcesses>) {
  if (!server) return { env: {}, stop() {} };
  const started = await startRabbitmq({ processes, folder: temporaryFolder() });
  if (!started) throw new Error(`the tests of amqplib need a broker: ${rabbitmqHint}`);
  const target = new URL(started.url);
  const forward = createServer((socket) => {
    const other = connect(Number(target.port), target.hostname);
    socket.pipe(other).pipe(socket);
    for (const [one, end] of [
      [socket, other],
      [other, socket],
    ] as const) {
      one.on('error', () => end.destroy()).on('close', () => end.destroy());
    }
  });
  forward.listen(server.port, 'localhost');
  await once(forward, 'listening');
  return {
    env: { [server.variable]: started.url },
    stop: () => forward.close(),
  };
}
