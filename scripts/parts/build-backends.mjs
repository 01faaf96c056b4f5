/*
 * Builds the real backends from their Go modules into the user's cache folder, for machines without Docker:
 * Prometheus with promtool, Loki, Tempo, and Alertmanager's amtool. Needs Go 1.26; on two cores about twelve
 * minutes the first time. What is there in the wanted version is kept.
 *
 *   node scripts/parts/build-backends.mjs [prometheus] [promtool] [loki] [tempo] [amtool]     (no name: all)
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backendsFolder } from './backend-programs.mjs';

/** Program by the folder of its go.mod and its package. */
const programs = {
  prometheus: ['prometheus', 'github.com/prometheus/prometheus/cmd/prometheus'],
  promtool: ['prometheus', 'github.com/prometheus/prometheus/cmd/promtool'],
  loki: ['loki', 'github.com/grafana/loki/v3/cmd/loki'],
  tempo: ['tempo', 'github.com/grafana/tempo/cmd/tempo'],
  amtool: ['alertmanager', 'github.com/prometheus/alertmanager/cmd/amtool'],
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
  // Which version a program has, says the go.mod that it was built from.
  const wanted = readFileSync(join(module, 'go.mod'), 'utf8');
  const program = join(backendsFolder, name);
  const builtFrom = `${program}.go.mod`;
  if (existsSync(program) && existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === wanted) continue;
  console.log(`building ${name} …`);
  const unfinished = `${program}.${process.pid}`;
  const flags = ['-mod=readonly', '-trimpath', '-ldflags=-s -w -checklinkname=0'];
  execFileSync('go', ['build', ...flags, '-o', unfinished, goPackage], { cwd: module, stdio: 'inherit' });
  renameSync(unfinished, program);
  writeFileSync(builtFrom, wanted);
}
console.log(backendsFolder);
