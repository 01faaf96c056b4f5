import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Command,
  type CommandIo,
  commandInvalid,
  exitCodes,
  parseOptions,
} from '../command-line/command.js';
import { type FileFix, type FixPlan, planFixes } from './fix/plan.js';
import { problemOf } from './problem.js';
import { count, jsonReport, printReport } from './report.js';
import { type Scan, scanFolder } from './scan.js';

const usage = `throughline scan [folder] [options]

Lists where a code base (TypeScript, JavaScript) makes, reads, passes on, stores and logs trace ids by hand, what
replaces each place, and how many lines can go. node_modules, build output, generated files and what .gitignore
names are left out.

Options
  --header <name>      a header of your own that carries a trace id; can be repeated
  --json               the result as one JSON object (docs/scan.md)
  --fail-on-findings   exit with 1 when something was found, for CI
  --fix                removes what is safe to remove: shows a diff, then asks
    --dry-run          shows the diff only
    --yes              does not ask
  --help

Examples
  throughline scan
  throughline scan services/orders --header x-acme-flow
  throughline scan --fix --dry-run > removed.patch

Exit codes
  0  scanned
  1  something was found, and --fail-on-findings was given
  2  nothing was scanned, or --fix had nobody to ask or could not write a file`;

const scan: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      header: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      'fail-on-findings': { type: 'boolean' },
      fix: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      yes: { type: 'boolean', short: 'y' },
    });
    if (positionals.length > 1) throw commandInvalid(`scan takes one folder, not also '${positionals[1]}'`);
    if (!values.fix && (values['dry-run'] || values.yes)) {
      throw commandInvalid(`${values.yes ? '--yes' : '--dry-run'} belongs to --fix`);
    }
    if (values['dry-run'] && values.yes)
      throw commandInvalid('--dry-run changes nothing, so --yes has no meaning');
    if (values.fix && values.json) throw commandInvalid('--json reports and --fix changes: give one of them');
    for (const name of values.header ?? []) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(name))
        throw commandInvalid(`'${name}' is no name of a header`);
    }
    const folder = resolve(io.folder, positionals[0] ?? '.');
    checkFolder(folder);

    const result = scanFolder(folder, values.header);
    if (values.fix) {
      const left = await fix(result, io, values['dry-run'] ? 'show' : values.yes ? 'write' : 'ask');
      if (left === undefined) return exitCodes.failed;
      return values['fail-on-findings'] && left > 0 ? exitCodes.found : exitCodes.ok;
    }
    if (values.json) io.out(JSON.stringify(jsonReport(result), null, 2));
    else printReport(result, io);
    return values['fail-on-findings'] && result.findings.length > 0 ? exitCodes.found : exitCodes.ok;
  },
};

export default scan;

function checkFolder(folder: string): void {
  let isFolder: boolean | undefined;
  try {
    isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder) readdirSync(folder);
  } catch (error) {
    throw commandInvalid(`'${folder}' cannot be read: ${problemOf(error)}`);
  }
  if (!isFolder) throw commandInvalid(`'${folder}' is no folder`);
}

/** @returns how many findings are left; undefined when nobody could be asked, or a file could not be written */
async function fix(result: Scan, io: CommandIo, mode: 'show' | 'ask' | 'write'): Promise<number | undefined> {
  const plan = planFixes(result);
  const { fixes, refused } = plan;
  for (const name of refused)
    io.problem(`Left as it is, because the change could not be read again: ${name}`);
  if (fixes.length === 0) {
    io.problem(
      `Nothing can be removed safely; ${count(result.findings.length, 'place')} to change by hand: throughline scan`,
    );
    return result.findings.length;
  }
  for (const { diff } of fixes) printDiff(diff, io);
  io.problem('');
  explain(plan, io);
  if (mode === 'show') return result.findings.length;
  if (mode === 'ask') {
    const yes = await io.confirm(`Change ${count(fixes.length, 'file')}?`);
    if (yes === undefined) {
      io.problem('There is no terminal to ask on: nothing was changed. Give --yes or --dry-run.');
      return undefined;
    }
    if (!yes) {
      io.problem('Nothing was changed.');
      return result.findings.length;
    }
  }
  const written = fixes.filter((one) => {
    const problem = write(one);
    if (problem !== undefined) io.problem(`Not written: ${one.name}: ${problem}`);
    return problem === undefined;
  });
  const fixed = written.reduce((sum, one) => sum + one.count, 0);
  io.problem(
    `Changed ${count(written.length, 'file')}: ${fixed} of ${count(result.findings.length, 'place')} removed. Run your tests and your formatter.`,
  );
  return written.length < fixes.length ? undefined : result.findings.length - fixed;
}

/** @returns why it was not written; undefined when it was */
function write({ path, before, after }: FileFix): string | undefined {
  try {
    if (readFileSync(path, 'utf8') !== before) return 'it has changed since it was read';
    writeFileSync(path, after);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

function explain({ headers }: FixPlan, io: CommandIo): void {
  const names = headers.filter((name) => name.includes('-'));
  if (names.length === 0) return;
  io.problem(
    `Services that have not moved still need the old header. Throughline sends it with\n  legacyTraceHeader: { name: [${names.map((name) => `'${name}'`).join(', ')}] }\n`,
  );
}

function printDiff(diff: string, io: CommandIo): void {
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    io.out(
      line.startsWith('-') ? io.style('red', line) : line.startsWith('+') ? io.style('green', line) : line,
    );
  }
}
