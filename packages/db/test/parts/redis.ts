import { createConnection } from 'node:net';
import { anyFreePort } from '@throughline/testbed/ports';
import { createProcesses } from '@throughline/testbed/processes';
import { redisHint, startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, expect, test } from 'vitest';

const processes = createProcesses();
const folder = temporaryFolder();

/** A real Redis for a test file; where there is none, one line says so, and in CI a test fails. */
export const redis = await startRedis({ processes, folder });
if (!redis) {
  if (process.env.CI) test('Redis is there', () => expect(redis, redisHint).toBeDefined());
  else console.log(`Tests with Redis are off: ${redisHint}.`);
}

afterAll(() => processes.stopAll());

/** Host and port of a URL, as spans show them. */
export function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
}

/** A server of the test's own, to be killed, or a cluster of this one server. */
export async function startSeparateRedis({ cluster = false } = {}): Promise<{ port: number; kill(): void }> {
  const port = await anyFreePort();
  const mode = cluster
    ? [
        ...['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`],
        // By default 10,000 above the other: that may be more than there are.
        ...['--cluster-port', String(await anyFreePort())],
        ...['--cluster-announce-ip', '127.0.0.1'],
      ]
    : ['--cluster-enabled', 'no'];
  const server = processes.start(
    'Redis',
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...mode],
    {},
  );
  await server.fromLine((line: string) => /Ready to accept connections/i.test(line) || undefined);
  if (cluster) {
    await ask(port, 'CLUSTER ADDSLOTSRANGE 0 16383', (reply) => reply.startsWith('+OK'));
    await ask(port, 'CLUSTER INFO', (reply) => reply.includes('cluster_state:ok'));
  }
  return { port, kill: () => server.kill() };
}

let cluster: ReturnType<typeof startSeparateRedis> | undefined;

/** The one cluster of a test file: it takes two seconds to agree with itself. */
export function startedCluster(): ReturnType<typeof startSeparateRedis> {
  cluster ??= startSeparateRedis({ cluster: true });
  return cluster;
}

/** Asks until the answer is the one that is waited for. */
function ask(port: number, command: string, isWanted: (reply: string) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.on('error', reject);
    socket.on('data', (data) => {
      if (!isWanted(String(data))) return void setTimeout(() => socket.write(`${command}\r\n`), 20);
      socket.destroy();
      resolve();
    });
  });
}
