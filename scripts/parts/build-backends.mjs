/*
 * Builds the real backends from their Go modules into the user's cache folder, for machines without Docker:
 * Prometheus with promtool, Jaeger, VictoriaLogs, Alertmanager with amtool, an OpenTelemetry Collector, and what reads
 * compose files and Alloy's. Needs Go 1.26; on two cores about twenty minutes the first time. What is there in the
 * wanted version is kept.
 *
 *   node scripts/parts/build-backends.mjs [prometheus] [jaeger] […]     all of `programs` without a name
 */
import { execFileSync } from 'node:child_process';
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
import { backendsFolder } from './backend-programs.mjs';

/** Program by the folder of its go.mod and its package. */
const programs = {
  prometheus: ['prometheus', 'github.com/prometheus/prometheus/cmd/prometheus'],
  promtool: ['prometheus', 'github.com/prometheus/prometheus/cmd/promtool'],
  jaeger: ['jaeger', 'github.com/jaegertracing/jaeger/cmd/jaeger'],
  'victoria-logs': ['victorialogs', 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs'],
  alertmanager: ['alertmanager', 'github.com/prometheus/alertmanager/cmd/alertmanager'],
  amtool: ['alertmanager', 'github.com/prometheus/alertmanager/cmd/amtool'],
  otelcol: ['collector', '.'],
  'compose-config': ['compose', 'github.com/compose-spec/compose-go/v2/cmd'],
  'alloy-syntax': ['alloy', '.'],
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in programs));
if (unknown !== undefined) {
  console.error(`No backend is named '${unknown}': ${Object.keys(programs).join(', ')}.`);
  process.exit(2);
}

mkdirSync(backendsFolder, { recursive: true });
for (const name of asked.length > 0 ? asked : Object.keys(programs)) {
  const [folder, goPackage] = programs[name];
  const module = fileURLToPath(new URL(`backends/${folder}`, import.meta.url));
  // Which version a program has, says what it was built from.
  const wanted = readSources(module);
  const program = join(backendsFolder, name);
  const builtFrom = `${program}.go.mod`;
  if (existsSync(program) && existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === wanted) continue;
  console.log(`building ${name} …`);
  const unfinished = `${program}.${process.pid}`;
  const work = mkdtempSync(join(tmpdir(), 'throughline-backend-'));
  try {
    const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w -checklinkname=0'];
    const modFile = withAddedFiles({ module, goPackage, work });
    if (modFile) flags.push(`-modfile=${modFile}`);
    execFileSync('go', ['build', ...flags, '-o', unfinished, goPackage], { cwd: module, stdio: 'inherit' });
  } finally {
    // The module cache is read-only, and so are copies of it.
    execFileSync('chmod', ['-R', 'u+w', work]);
    rmSync(work, { recursive: true, force: true });
  }
  renameSync(unfinished, program);
  writeFileSync(builtFrom, wanted);
}
console.log(backendsFolder);

/** The go.mod, and where there are any, our own sources. */
function readSources(module) {
  const own = readdirSync(module, { recursive: true }).filter((name) => name.endsWith('.go'));
  return ['go.mod', ...own.sort()].map((name) => readFileSync(join(module, name), 'utf8')).join('');
}

/**
 * The folder `_added` of a backend has files that its module lacks: the module is built from a copy that has them.
 *
 * @returns the go.mod to build with; undefined where nothing is added
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
