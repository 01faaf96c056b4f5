import { page } from '@throughline/core/internal';
import type { CommandIo } from '../command-line/command.js';
import { neededPlugins } from '../init/service/libraries.js';
import { type PackageFile, readPackageFile } from '../init/service/package-file.js';
import { type FindingKind, replacements, type ScanFinding } from './detect/finding.js';
import type { Scan } from './detect/scan.js';

/** Increases when a field is removed or changes its meaning; a new field does not increase it. */
const schemaVersion = 1;

const titles: Record<FindingKind, string> = {
  'id-made': 'id made',
  'header-read': 'header read',
  'header-sent': 'header sent',
  'payload-read': 'payload read',
  'payload-sent': 'id in payload',
  'header-returned': 'header returned',
  logged: 'id logged',
  'context-stored': 'id stored',
  'context-read': 'id read back',
  library: 'package',
};

interface Summary {
  readonly findings: number;
  readonly inTests: number;
  readonly files: number;
  readonly removableLines: number;
  readonly byKind: Record<FindingKind, number>;
  readonly headers: readonly string[];
}

function summaryOf(findings: readonly ScanFinding[]): Summary {
  const byKind = Object.fromEntries(Object.keys(replacements).map((kind) => [kind, 0])) as Record<
    FindingKind,
    number
  >;
  for (const { kind } of findings) byKind[kind]++;
  return {
    findings: findings.length,
    inTests: findings.filter(({ inTest }) => inTest).length,
    files: new Set(findings.map(({ file }) => file)).size,
    removableLines: findings.reduce((sum, { removableLines }) => sum + removableLines, 0),
    byKind,
    headers: [...new Set(findings.flatMap(({ header }) => (header === undefined ? [] : [header])))].sort(),
  };
}

/** The result as data: docs/scan.md describes each field. */
export function jsonReport(scan: Scan) {
  return {
    schemaVersion,
    folder: scan.folder,
    files: { ...scan.files, unparsed: scan.unparsed.length },
    summary: summaryOf(scan.findings),
    findings: scan.findings,
    unparsed: scan.unparsed,
  };
}

/** The result for a person, by file. */
export function printReport(scan: Scan, io: CommandIo): void {
  const { findings } = scan;
  let file: string | undefined;
  for (const finding of findings) {
    if (finding.file !== file) {
      if (file !== undefined) io.out('');
      file = finding.file;
      io.out(io.style('bold', finding.inTest ? `${file} (test)` : file));
    }
    const place = `${finding.line}:${finding.column}`.padEnd(8);
    io.out(
      `  ${io.style('dim', place)} ${io.style('yellow', titles[finding.kind].padEnd(15))} ${finding.code.slice(0, 100)}`,
    );
  }
  for (const { file: name, message } of scan.unparsed) io.problem(`Not read: ${name}: ${message}`);
  const summary = summaryOf(findings);
  if (findings.length > 0) io.out('');
  const read = `${count(scan.files.found, 'file')}${scan.files.skipped > 0 ? `, ${scan.files.skipped} of them skipped as generated, minified or too long` : ''}${scan.unparsed.length > 0 ? `, ${scan.unparsed.length} could not be read` : ''}`;
  if (findings.length === 0) {
    io.out(`No hand-made trace ids found in ${read}.`);
    return;
  }
  io.out(
    io.style(
      'bold',
      `${count(summary.findings, 'place')} in ${count(summary.files, 'file')} (of ${read}); about ${count(summary.removableLines, 'line')} can be removed.`,
    ),
  );
  if (summary.inTests > 0) io.out(`${summary.inTests} of them in tests.`);
  io.out('');
  io.out(io.style('bold', 'What replaces them'));
  for (const kind of Object.keys(replacements) as FindingKind[]) {
    if (summary.byKind[kind] > 0)
      io.out(
        `  ${titles[kind].padEnd(15)} ${String(summary.byKind[kind]).padStart(4)}  ${replacements[kind]}`,
      );
  }
  io.out('');
  io.out(io.style('bold', 'Next'));
  const names = summary.headers.filter(
    (name) => /-/.test(name) && !/^(?:tracestate|x-b3-(?!traceid)|x-datadog-(?!trace-id)|x-ot-)/.test(name),
  );
  const list = names.map((name) => `'${name}'`).join(', ');
  const options = names.length > 0 ? `{ legacyTraceHeader: { name: [${list}] } }` : '';
  io.out(`  1. npm install ${['@throughline/core', ...pluginsFor(scan.folder)].join(' ')}`);
  io.out(`  2. initObservability(${options})   ${page('moving-over.md')} explains it`);
  io.out('  3. npx throughline scan --fix --dry-run   shows what can be removed safely');
}

/** The plugins for the libraries that the package.json of the folder names. */
function pluginsFor(folder: string): string[] {
  let file: PackageFile;
  try {
    file = readPackageFile(folder);
  } catch {
    // The code can be scanned without one.
    return [];
  }
  const { dependencies, devDependencies } = file.json;
  return neededPlugins({ ...devDependencies, ...dependencies }).map(({ package: name }) => name);
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
