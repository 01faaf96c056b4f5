import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { anyFreePort } from '../../../../scripts/parts/ports.mjs';
import type { Part } from './part.js';

export const mariadb: Part = {
  name: 'MariaDB',
  hint: 'install mariadb-server, or set MYSQL_URL',
  isThere: () =>
    process.env.MYSQL_URL !== undefined ||
    spawnSync('mariadbd', ['--version'], { stdio: 'ignore' }).status === 0,

  async start({ processes, folder }) {
    const { MYSQL_URL: given } = process.env;
    if (given) return { url: given };
    const home = join(folder, 'mariadb');
    mkdirSync(home, { mode: 0o700 });
    // It refuses to run as root.
    const identity = process.getuid?.() === 0 ? identityOf('mysql') : undefined;
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
    await server.fromLine((line: string) => line.includes('ready for connections') || undefined);
    const sql =
      "CREATE DATABASE shop; CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'shop'; GRANT ALL ON *.* TO shop@'127.0.0.1';";
    execFileSync('mariadb', ['--no-defaults', `--socket=${join(home, 'socket')}`, '-u', 'root', '-e', sql], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { url: `mysql://shop:shop@127.0.0.1:${port}/shop` };
  },
};

function identityOf(user: string) {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
