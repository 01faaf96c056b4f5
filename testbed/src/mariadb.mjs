import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { anyFreePort } from './ports.mjs';
import { identityInsteadOfRoot } from './user-identity.mjs';

/** What to do if there is no MariaDB. */
export const mariadbHint = 'install mariadb-server, or set MYSQL_URL';

export function hasMariadb() {
  return (
    process.env.MYSQL_URL !== undefined ||
    spawnSync('mariadbd', ['--version'], { stdio: 'ignore' }).status === 0
  );
}

/**
 * MariaDB or MySQL at MYSQL_URL, or a throw-away server from a `mariadbd` on the PATH, with a database `shop`.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<unknown> } | undefined>} undefined if there is neither
 */
export async function startMariadb({ processes, folder }) {
  const { MYSQL_URL: given } = process.env;
  if (given) return { url: given, stop: async () => {} };
  if (!hasMariadb()) return undefined;
  const home = join(folder, `mariadb-${randomBytes(4).toString('hex')}`);
  mkdirSync(home, { mode: 0o700 });
  // It refuses to run as root.
  const identity = identityInsteadOfRoot('mysql');
  if (identity) chownSync(home, identity.uid, identity.gid);
  const options = { cwd: home, ...identity };
  const data = join(home, 'data');
  await processes
    .start(
      'mariadb-install-db',
      'mariadb-install-db',
      ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
      options,
    )
    .succeeded();
  const port = await anyFreePort();
  const server = processes.start(
    'MariaDB',
    'mariadbd',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(home, 'socket')}`,
      `--pid-file=${join(home, 'pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=16M',
    ],
    { ...options, wholeGroup: false },
  );
  await server.fromLine((line) => line.includes('ready for connections') || undefined);
  const sql =
    "CREATE DATABASE shop; CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'shop'; GRANT ALL ON *.* TO shop@'127.0.0.1';";
  execFileSync('mariadb', ['--no-defaults', `--socket=${join(home, 'socket')}`, '-u', 'root', '-e', sql], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { url: `mysql://shop:shop@127.0.0.1:${port}/shop`, stop: server.stop };
}
