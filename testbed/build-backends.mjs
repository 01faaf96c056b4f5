/*
 * Builds the real backends from their Go modules into the user's cache folder, for machines without Docker: those of
 * catalogue.mjs that have programs. Needs Go 1.26; on two cores about half an hour the first time. What is there in
 * the wanted version is kept. A program that a module with a licence outside of the permitted ones is compiled into
 * is not kept.
 *
 *   node testbed/build-backends.mjs [prometheus] [jaeger] […]     all programs without a name
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backendsFolder, reasonFile } from './src/backend-programs.mjs';
import { parts } from './src/catalogue.mjs';
import { compilerFlags, keepLicences } from './src/go-programs.mjs';

/** By program: the folder of its go.mod, its package and its build tags. */
const programs = Object.fromEntries(
  parts.flatMap(({ folder, programs = {}, tags = [] }) =>
    Object.entries(programs).map(([program, goPackage]) => [program, { folder, goPackage, tags }]),
  ),
);

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in programs));
if (unknown !== undefined) {
  console.error(`No backend is named '${unknown}': ${Object.keys(programs).join(', ')}.`);
  process.exit(2);
}

mkdirSync(backendsFolder, { recursive: true });
for (const name of asked.length > 0 ? asked : Object.keys(programs)) {
  try {
    build(name);
    rmSync(reasonFile(name), { force: true });
  } catch (error) {
    writeFileSync(reasonFile(name), error.message);
    console.error(`${name} is not built: ${error.message}`);
    process.exitCode = 1;
  }
}
console.log(backendsFolder);

/** @throws with the reason in one line */
function build(name) {
  const { folder, goPackage, tags } = programs[name];
  const module = fileURLToPath(new URL(`backends/${folder}`, import.meta.url));
  // Which version a program has, says what it was built from.
  const wanted = [readSources(module), ...tags.map((tag) => `// built with the tag ${tag}\n`)].join('');
  const program = join(backendsFolder, name);
  const builtFrom = `${program}.go.mod`;
  if (existsSync(program) && existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === wanted) return;
  console.log(`building ${name} …`);
  const startMillis = Date.now();
  const unfinished = `${program}.${process.pid}`;
  const work = mkdtempSync(join(tmpdir(), 'throughline-backend-'));
  try {
    const flags = ['-mod=readonly', '-trimpath', compilerFlags, '-ldflags=-s -w -checklinkname=0'];
    if (tags.length > 0) flags.push(`-tags=${tags.join(',')}`);
    const modFile = withAddedFiles({ module, goPackage, work });
    if (modFile) flags.push(`-modfile=${modFile}`);
    run('go', ['build', ...flags, '-o', unfinished, goPackage], module);
    keepLicences(name, unfinished);
    renameSync(unfinished, program);
    writeFileSync(builtFrom, wanted);
  } finally {
    // The module cache is read-only, and so are copies of it.
    execFileSync('chmod', ['-R', 'u+w', work]);
    rmSync(work, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
  console.log(`built ${name} in ${Math.round((Date.now() - startMillis) / 1000)} s`);
}

function run(command, args, cwd) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1e8 });
  if (error) throw new Error(`${command} does not start: ${error.message}`);
  if (status === 0) return;
  process.stderr.write(stderr);
  throw new Error(stderr.trim().split('\n').slice(-2).join('; '));
}

/** The go.mod, and where there are any, our own sources. */
function readSources(module) {
  const own = readdirSync(module, { recursive: true }).filter((name) => name.endsWith('.go'));
  return ['go.mod', ...own.sort()].map((name) => readFileSync(join(module, name), 'utf8')).join('');
}

/**
 * The folder `_added` of a backend has files that its module lacks: the module is built from a copy that has them.
 *
 * @returns the go.mod to build with; undefined if nothing is added
 */
function withAddedFiles({ module, goPackage, work }) {
  const added = join(module, '_added');
  if (!existsSync(added)) return undefined;
  const go = (...args) => execFileSync('go', args, { cwd: module, encoding: 'utf8' });
  const { Path, Version } = JSON.parse(go('list', '-find', '-json=Module', goPackage)).Module;
  const { Dir } = JSON.parse(go('mod', 'download', '-json', `${Path}@${Version}`));
  const copy = join(work, 'module');
  cpSync(Dir, copy, { recursive: true });
  execFileSync('chmod', ['-R', 'u+w', copy]);
  cpSync(added, copy, { recursive: true });
  const modFile = join(work, 'go.mod');
  writeFileSync(modFile, `${readFileSync(join(module, 'go.mod'), 'utf8')}\nreplace ${Path} => ${copy}\n`);
  cpSync(join(module, 'go.sum'), join(work, 'go.sum'));
  return modFile;
}
