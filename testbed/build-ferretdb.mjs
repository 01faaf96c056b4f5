/*
 * Builds FerretDB, which answers MongoDB's protocol from SQLite, from its Go module into the user's cache folder,
 * for tests if there is no MongoDB. Needs Go; about four minutes on two cores. What is there is kept.
 *
 *   node testbed/build-ferretdb.mjs
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partNamed } from './src/catalogue.mjs';
import { compilerFlags, keepLicences, licencesFileOf } from './src/go-programs.mjs';
import { cacheFolder } from './src/paths.mjs';

const { version } = partNamed('FerretDB');
const folder = join(cacheFolder, 'ferretdb');
const program = join(folder, 'ferretdb');

if (existsSync(program) && existsSync(licencesFileOf('ferretdb'))) {
  console.log(program);
} else {
  const work = mkdtempSync(join(tmpdir(), 'throughline-ferretdb-'));
  try {
    const go = (args, cwd) =>
      execFileSync('go', args, {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 1e8,
      });
    const { Dir } = JSON.parse(
      go(['mod', 'download', '-json', `github.com/FerretDB/FerretDB@${version}`], work),
    );
    const source = join(work, 'source');
    cpSync(Dir, source, { recursive: true });
    // The module cache is read-only, and its version files are made by a release.
    makeWritable(join(source, 'build/version'));
    for (const [name, text] of [
      ['version', version],
      ['commit', 'unknown'],
      ['branch', 'unknown'],
      ['package', 'unknown'],
    ]) {
      writeFileSync(join(source, 'build/version', `${name}.txt`), `${text}\n`);
    }
    const built = join(work, 'ferretdb');
    const flags = ['-trimpath', compilerFlags, '-ldflags=-s -w'];
    go(['build', ...flags, '-o', built, './cmd/ferretdb'], source);
    keepLicences('ferretdb', built);
    mkdirSync(folder, { recursive: true });
    cpSync(built, `${program}.part`);
    renameSync(`${program}.part`, program);
    console.log(program);
  } finally {
    execFileSync('chmod', ['-R', 'u+w', work]);
    rmSync(work, { recursive: true, force: true });
  }
}

function makeWritable(path) {
  chmodSync(path, 0o755);
}
