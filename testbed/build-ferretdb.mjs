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
import { backendsFolder } from './src/backend-programs.mjs';
import { partNamed } from './src/catalogue.mjs';
import { licencesOfProgram, refusedLicences } from './src/licences.mjs';
import { cacheFolder } from './src/paths.mjs';

const { version } = partNamed('FerretDB');
const folder = join(cacheFolder, 'ferretdb');
const program = join(folder, 'ferretdb');
const licencesFile = join(backendsFolder, 'ferretdb.licences.json');

if (existsSync(program) && existsSync(licencesFile)) {
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
    // Tests need no fast database: without optimisation the compiler takes a third less time.
    const flags = ['-trimpath', '-gcflags=all=-N -l -dwarf=false', '-ldflags=-s -w'];
    go(['build', ...flags, '-o', built, './cmd/ferretdb'], source);
    const licences = licencesOfProgram(built);
    const refused = refusedLicences(licences);
    if (refused.length > 0) throw new Error(`FerretDB contains what is not permitted: ${refused.join(', ')}`);
    mkdirSync(backendsFolder, { recursive: true });
    writeFileSync(licencesFile, JSON.stringify(licences, null, 2));
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
