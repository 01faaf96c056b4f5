import { basename, relative } from 'node:path';
import type { Diagnosis } from '@throughline/core';
import type { DiagnosisFinding, FindingLevel } from '@throughline/core/internal';
import type { CommandIo, TextStyle } from '../command-line/command.js';
import { wrapped } from '../command-line/wrapped.js';
import { type Arrivals, queryApis } from './read-back.js';
import type { DoctorReport } from './report.js';

export interface PrintOptions {
  readonly arrivals: Arrivals;
  readonly allOptions: boolean;
  readonly isFine: boolean;
}

const marks: Readonly<Record<FindingLevel, readonly [mark: string, style: TextStyle]>> = {
  error: ['✗', 'red'],
  warning: ['!', 'yellow'],
  info: ['i', 'dim'],
};
const labelWidth = 14;

/** First the findings, the worst one first; then the facts about the service. */
export function printReport(io: CommandIo, report: DoctorReport, options: PrintOptions): void {
  for (const finding of report.findings) printFinding(io, finding);
  for (const [label, texts] of facts(io, report, options)) {
    const [first = '', ...more] = texts.flatMap((text) => hanging(text, io.width - labelWidth));
    io.out(`${io.style('bold', label.padEnd(labelWidth))}${first}`);
    for (const line of more) io.out(' '.repeat(labelWidth) + line);
  }
  if (report.node ?? report.scrape) io.out('');
  io.out(verdict(io, report, options.isFine));
}

function printFinding(io: CommandIo, { level, code, message, cause, fix, help }: DiagnosisFinding): void {
  const [mark, style] = marks[level];
  io.out(`${io.style(style, mark)} ${io.style('bold', code)}`);
  for (const line of message.split('\n').flatMap((each) => wrapped(each, io.width - 2))) io.out(`  ${line}`);
  for (const [label, text] of [
    ['cause', cause],
    ['fix', fix],
    ['help', help],
  ] as const) {
    const [first = '', ...more] = wrapped(text, io.width - 9);
    io.out(`  ${io.style('dim', label.padEnd(7))}${first}`);
    for (const line of more) io.out(`         ${line}`);
  }
  io.out('');
}

type Fact = readonly [label: string, lines: readonly string[]];

function facts(io: CommandIo, report: DoctorReport, options: PrintOptions): Fact[] {
  const { node, configFile, identity, plugins, backends, scrape, contract, mode } = report;
  const list: Fact[] = [];
  const add = (label: string, ...lines: readonly string[]) => {
    if (lines.length > 0) list.push([label, lines]);
  };
  if (node) add('Node', `${node.version} on ${node.platform}`);
  if (identity && Object.keys(identity).length > 0) {
    add(
      'Identity',
      Object.entries(identity)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    );
  }
  if (configFile !== undefined) add('Config file', shownPath(configFile, io.folder));
  add('Packages', ...packageLines(report, io.folder));
  if (plugins)
    add('Plugins', plugins.map(({ name, on }) => (on ? name : `${name} (off)`)).join(', ') || 'none');
  add(mode === 'folder' ? 'Would record' : 'Recorded', ...libraryLines(report, true));
  add('Not recorded', ...libraryLines(report, false));
  add('Sent to', ...(backends ?? []).map((backend) => backendLine(backend)));
  add('Read back', ...arrivalLines(options.arrivals));
  if (report.sent) add('Since start', ...sentLines(report.sent));
  if (scrape) {
    const answer =
      scrape.status === undefined
        ? 'no answer'
        : `${scrape.status}, ${scrape.series} series in ${scrape.durationMillis} ms`;
    add('Metrics', `${scrape.url}: ${answer}`);
  }
  if (contract) {
    const { length } = contract.breaches;
    add(
      'Contract',
      `mode ${contract.mode}, ${length === 0 ? 'met' : `${length} ${length === 1 ? 'breach' : 'breaches'}`}`,
    );
  }
  add('Options', ...optionLines(report, options.allOptions));
  return list;
}

function packageLines({ packages = [] }: DoctorReport, folder: string): string[] {
  return packages.flatMap(({ name, copies }) => {
    if (copies.length === 1) return [`${name} ${copies[0]?.version ?? '?'}`];
    return copies.map(
      (copy) =>
        `${name} ${copy.version ?? '?'} in ${shownPath(copy.folder, folder)}${copy.isLoaded ? ' (loaded)' : ''}`,
    );
  });
}

/** Relative to this folder if that is shorter. */
function shownPath(path: string, folder: string): string {
  const fromHere = relative(folder, path);
  return fromHere.length < path.length ? fromHere : path;
}

function libraryLines({ libraries = [] }: DoctorReport, isRecorded: boolean): string[] {
  const lines = libraries
    .filter((library) => library.isRecorded === isRecorded)
    // First the libraries that this service uses, then what every service has.
    .sort((a, b) => Number(a.version === undefined) - Number(b.version === undefined))
    .map((library) => {
      if (!isRecorded) return `${shownName(library)} (${library.reason})`;
      // An instrumentation that listens to diagnostics channels has no library's name.
      return library.version === undefined && library.by.includes(library.name)
        ? library.name
        : `${shownName(library)} by ${library.by.join(', ')}`;
    });
  return [...new Set(lines)];
}

const shownName = ({ name, version }: Diagnosis['libraries'][number]) =>
  version === undefined ? name : `${name} ${version}`;

function backendLine({
  signal,
  endpoint,
  isTaken,
  status,
  durationMillis,
  clockSkewMillis,
}: Diagnosis['backends'][number]): string {
  const how =
    isTaken === undefined
      ? 'not asked'
      : [
          isTaken ? 'taken' : 'not taken',
          ...(status === undefined ? [] : [String(status)]),
          `${durationMillis} ms`,
          ...(clockSkewMillis === undefined || clockSkewMillis === 0
            ? []
            : [`clock ${clockSkewMillis > 0 ? '+' : '-'}${Math.round(Math.abs(clockSkewMillis) / 1_000)} s`]),
        ].join(', ');
  return `${signal.padEnd(7)} ${endpoint}: ${how}`;
}

function arrivalLines(arrivals: Arrivals): string[] {
  return Object.entries(queryApis).flatMap(([backend, { what, name }]) => {
    const millis = arrivals[`${backend as keyof typeof queryApis}Millis`];
    return millis === undefined ? [] : [`the ${what} from ${name} after ${millis} ms`];
  });
}

function sentLines(sent: NonNullable<DoctorReport['sent']>): string[] {
  return Object.entries({ spans: sent.spans, 'log records': sent.logRecords }).flatMap(([what, counts]) => {
    const list = Object.entries(counts).filter(([, count]) => count > 0);
    return list.length === 0
      ? []
      : [`${what}: ${list.map(([result, count]) => `${count} ${result}`).join(', ')}`];
  });
}

function optionLines({ options = [] }: DoctorReport, all: boolean): string[] {
  const shown = options.filter(({ source }) => all || source !== 'default');
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  return shown.map(({ name, value, source }) => `${name.padEnd(width)}  ${shownValue(value)}  (${source})`);
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function verdict(
  io: CommandIo,
  { findings, mode, subject, identity }: DoctorReport,
  isFine: boolean,
): string {
  const count = (level: FindingLevel, word: string) => {
    const { length } = findings.filter((each) => each.level === level);
    return length === 0 ? [] : [`${length} ${word}${length === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'hint')].join(
    ', ',
  );
  const what = identity?.service_name ?? (mode === 'folder' ? basename(subject) : subject);
  const mark = isFine ? io.style('green', '✓') : io.style('red', '✗');
  if (counts !== '') return `${mark} ${what}: ${counts}.`;
  return mode === 'folder'
    ? `${mark} ${what}: no problem found in what is installed. To test the running service: throughline doctor -- node <your service>`
    : `${mark} ${what}: telemetry works.`;
}

/** As {@link wrapped}, with the lines after the first one indented. */
function hanging(text: string, width: number): string[] {
  const [first = '', ...more] = text.length <= width ? [text] : wrapped(text, width - 2);
  return [first, ...more.map((line) => `  ${line}`)];
}
