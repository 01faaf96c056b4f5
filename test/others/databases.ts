import { startMariadb } from '@throughline/testbed/mariadb';
import { startPostgres } from '@throughline/testbed/postgres';
import type { createProcesses } from '@throughline/testbed/processes';
import { startRedis } from '@throughline/testbed/redis';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import type { OtherProgram } from './programs.js';

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
  return env;
}
