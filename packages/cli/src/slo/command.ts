import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readServicePackage } from '@throughline/core/internal';
import { type Command, exitCodes, parseOptions } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { loadModule } from '../command-line/load-module.js';
import { type SloOfService, sloRules } from './prometheus-rules.js';
import { ruleFile } from './rule-file.js';
import { checkSlo, type Slo } from './slo.js';

const defaultFiles = ['throughline.slo.mjs', 'throughline.slo.js', 'throughline.slo.cjs'];

const usage = `throughline slo [files] [options]

Generates Prometheus recording rules and multi-window burn-rate alerts from the SLOs that the files export.

Arguments
  files              modules that export SLOs made with defineSlo, each by name or in an array;
                     default: ${defaultFiles.join(', ')} in this folder

Options
  --out <file>       file to write the rules to; default: stdout
  --service <name>   service of SLOs that do not name one; default: the name in package.json
  --team <name>      team of SLOs that do not name one
  --help

Example
  throughline slo --out rules.yaml && promtool check rules rules.yaml

Exit codes
  0  the rules were written
  2  nothing was written`;

const slo: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      out: { type: 'string' },
      service: { type: 'string' },
      team: { type: 'string' },
    });
    const slos: SloOfService[] = [];
    for (const file of filesOrDefault(positionals, io.folder)) {
      const found = slosOf(await loadModule(file, io.folder));
      if (found.length === 0) throw input(`${file} exports no SLO.`);
      for (const each of found) slos.push(ofService(each, values.service, values.team, io.folder));
    }
    rejectDuplicates(slos);
    const rules = slos.map(sloRules);
    for (const note of rules.flatMap(({ notes }) => notes))
      io.problem(`${io.style('yellow', 'Note')} ${note}`);
    const text = ruleFile(rules.flatMap(({ groups }) => groups));
    if (values.out === undefined) {
      io.out(text.trimEnd());
    } else {
      await write(resolve(io.folder, values.out), text);
      io.problem(`${values.out}: rules of ${slos.map(({ name }) => name).join(', ')}`);
    }
    return exitCodes.ok;
  },
};
export default slo;

function filesOrDefault(files: readonly string[], folder: string): readonly string[] {
  if (files.length > 0) return files;
  const found = defaultFiles.find((name) => existsSync(join(folder, name)));
  if (found !== undefined) return [found];
  throw input(`No file was named, and ${folder} has none of ${defaultFiles.join(', ')}.`);
}

/** All exports that look like an SLO; each is checked. */
function slosOf(module: Readonly<Record<string, unknown>>): Slo[] {
  const exported = new Set(Object.values(module).flatMap(expanded));
  return [...exported].map(checkSlo);
}

function expanded(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(expanded);
  if (typeof value !== 'object' || value === null) return [];
  if ('sli' in value || 'objective' in value) return [value];
  // The default export of a CommonJS module is what it exports by name.
  return Object.values(value).filter(
    (entry) => typeof entry === 'object' && entry !== null && ('sli' in entry || 'objective' in entry),
  );
}

function ofService(
  given: Slo,
  service: string | undefined,
  team: string | undefined,
  folder: string,
): SloOfService {
  const name = given.service ?? service ?? readServicePackage(join(folder, 'package.json')).name;
  if (name === undefined) {
    throw input(`SLO '${given.name}' names no service, and no package.json with a name was found.`);
  }
  const owner = given.team ?? team;
  return { ...given, service: name, ...(owner === undefined ? {} : { team: owner }) };
}

function rejectDuplicates(slos: readonly SloOfService[]): void {
  const seen = new Set<string>();
  for (const { name, service } of slos) {
    const key = `${service}/${name}`;
    if (seen.has(key)) {
      throw new CommandError('OBS_SLO_INVALID', `Service '${service}' has two SLOs named '${name}'.`);
    }
    seen.add(key);
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw input(`${path} could not be written: ${(cause as Error).message}.`);
  }
}

function input(message: string): CommandError {
  return new CommandError('OBS_COMMAND_INPUT', message);
}
