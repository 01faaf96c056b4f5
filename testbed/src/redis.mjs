import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { anyFreePort } from './ports.mjs';

/** What to do if there is no Redis. */
export const redisHint = 'install redis-server, or set REDIS_URL';

/**
 * Redis at REDIS_URL, or a throw-away server from a `redis-server` (or `valkey-server`) on the PATH.
 *
 * @returns undefined if there is none
 */
export async function startRedis({ processes, folder }) {
  const { REDIS_URL: url } = process.env;
  if (url) return { url, stop: async () => {} };
  const command = ['redis-server', 'valkey-server'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  if (!command) return undefined;
  const home = join(folder, 'redis');
  mkdirSync(home, { recursive: true });
  const port = await anyFreePort();
  const server = processes.start(
    'Redis',
    command,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', home],
    {},
  );
  await server.fromLine((line) => /Ready to accept connections/i.test(line) || undefined);
  return { url: `redis://127.0.0.1:${port}`, stop: server.stop };
}
