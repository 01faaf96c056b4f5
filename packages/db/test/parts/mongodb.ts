import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from '@throughline/testbed/ports';
import { createProcesses } from '@throughline/testbed/processes';
import { temporaryFolder } from '@throughline/testbed/temporary-folder';
import { afterAll, expect, test } from 'vitest';

/** What to do if there is no MongoDB. FerretDB 1 answers the protocol of MongoDB from SQLite. */
const mongodbHint = 'set MONGODB_URL, install mongod, or build FerretDB: node testbed/build-ferretdb.mjs';

interface SeparateServer {
  readonly url: string;
  kill(): void;
}

const processes = createProcesses();
const folder = temporaryFolder();
let started = 0;

const works = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const ferretdb = ['ferretdb', join(cache, 'throughline/ferretdb/ferretdb')].find(works);
const mongod = works('mongod') ? 'mongod' : undefined;

/** A separate server for one test, or undefined if there is no program for it. */
export async function startSeparateMongodb(): Promise<SeparateServer | undefined> {
  const home = join(folder, `mongodb-${started++}`);
  mkdirSync(home);
  const port = await anyFreePort();
  const url = `mongodb://127.0.0.1:${port}`;
  if (mongod) {
    const server = processes.start(
      'MongoDB',
      mongod,
      ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', home],
      {},
    );
    await server.fromLine((line: string) => line.includes('Waiting for connections') || undefined);
    return { url, kill: () => server.kill() };
  }
  if (!ferretdb) return undefined;
  const server = processes.start(
    'FerretDB',
    ferretdb,
    [
      ...['--handler', 'sqlite', '--sqlite-url', `file:${home}/`, '--state-dir', home],
      ...['--listen-addr', `127.0.0.1:${port}`, '--debug-addr', '-', '--telemetry', 'disable'],
    ],
    { cwd: home, env: { ...process.env, DO_NOT_TRACK: '1' } },
  );
  await server.fromLine((line: string) => /Listening on TCP/i.test(line) || undefined);
  return { url, kill: () => server.kill() };
}

/** MongoDB, or what answers like it, for a test file; where there is none, one line says so, and in CI a test fails. */
export const mongodb: { readonly url: string } | undefined = process.env.MONGODB_URL
  ? { url: process.env.MONGODB_URL }
  : await startSeparateMongodb();
if (!mongodb) {
  if (process.env.CI) test('MongoDB is there', () => expect(mongodb, mongodbHint).toBeDefined());
  else console.log(`Tests with MongoDB are off: ${mongodbHint}.`);
}

afterAll(() => processes.stopAll());
