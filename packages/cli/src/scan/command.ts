import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Command,
  type CommandIo,
  commandInvalid,
  exitCodes,
  parseOptions,
} from '../command-line/command.js';
import { printDiff } from '../command-line/diff.js';
import { problemOf } from './code/problem.js';
import { type Scan, scanFolder } from './detect/scan.js';
import { type FileFix, type FixPlan, planFixes } from './fix/plan.js';
import { count, jsonReport, printReport } from './report.js';

const usage = `throughline scan [folder] [options]

Lists where a code base (TypeScript, JavaScript) makes, reads, passes on, stores and logs trace ids by hand. Says
what replaces each place, and how many lines can be removed. Skips node_modules, build output, generated files and
what .gitignore names.

Options
  --header <name>      another header that carries a trace id; can be repeated
  --json               print the result as one JSON object; docs/scan.md of this package describes it
  --fail-on-findings   exit with 1 if anything is found, for CI
  --fix                remove what is safe to remove: show a diff, then ask
    --dry-run          show the diff only
    --yes              do not ask
  --help

Examples
  throughline scan
  throughline scan services/orders --header x-acme-flow
  throughline scan --fix --dry-run > removed.patch

Exit codes
  0  scanned
  1  something was found, with --fail-on-findings
  2  nothing was scanned; or --fix could not ask, or could not write a file`;

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
    if (positionals.length > 1) throw commandInvalid(`scan takes one folder; remove '${positionals[1]}'`);
    if (!values.fix && (values['dry-run'] || values.yes)) {
      throw commandInvalid(`${values.yes ? '--yes' : '--dry-run'} needs --fix`);
    }
    if (values['dry-run'] && values.yes) throw commandInvalid('Use --dry-run or --yes, not both');
    if (values.fix && values.json) throw commandInvalid('Use --json or --fix, not both');
    for (const name of values.header ?? []) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(name))
        throw commandInvalid(`'${name}' is not a valid header name`);
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
  if (!isFolder) throw commandInvalid(`'${folder}' is not a folder`);
}

/** @returns how many findings are left; undefined if there was no terminal to ask on, or a file could not be written */
async function fix(result: Scan, io: CommandIo, mode: 'show' | 'ask' | 'write'): Promise<number | undefined> {
  const plan = planFixes(result);
  const { fixes, refused } = plan;
  for (const name of refused) io.problem(`Not changed, because the result would not parse: ${name}`);
  if (fixes.length === 0) {
    io.problem(
      `Nothing can be removed safely. ${count(result.findings.length, 'place')} to change by hand; \`throughline scan\` lists them.`,
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
      io.problem('Nothing was changed, because there is no terminal to ask on. Use --yes or --dry-run.');
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

/** @returns why the file was not written; undefined if it was */
function write({ path, before, after }: FileFix): string | undefined {
  try {
    if (readFileSync(path, 'utf8') !== before) return 'the file has changed since it was read';
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
    `Services that do not use Throughline yet still need the old header. This option sends it:\n  legacyTraceHeader: { name: [${names.map((name) => `'${name}'`).join(', ')}] }\n`,
  );
}
