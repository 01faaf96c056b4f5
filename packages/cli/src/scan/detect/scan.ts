import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type CodeBase, type CodeFile, readCodeBase, type Unparsed } from '../code/code-base.js';
import { problemOf } from '../code/problem.js';
import { listSourceFiles, readSource } from '../code/source-files.js';
import type { Node } from '../code/syntax.js';
import { namesTraceHeader } from '../code/trace-names.js';
import { findContexts } from './context.js';
import type { CodePlace, Evidence } from './evidence.js';
import { replacements, type ScanFinding } from './finding.js';
import { findHeaders } from './header-evidence.js';
import { findLibraries } from './libraries.js';
import { findLogs } from './logs.js';
import { findMadeIds } from './made.js';
import { findPayloads } from './payload.js';

export interface Scan {
  /** Absolute path of the scanned folder. */
  readonly folder: string;
  readonly findings: readonly ScanFinding[];
  /** The evidence behind each finding, in the same order. */
  readonly evidence: readonly { readonly file: CodeFile; readonly evidence: Evidence }[];
  readonly codeBase: CodeBase;
  /** Names of headers given for this scan, in lower case. */
  readonly extraHeaders: ReadonlySet<string>;
  readonly unparsed: readonly Unparsed[];
  readonly files: {
    /** Code files found. */
    readonly found: number;
    /** Left out as minified, generated or longer than 1 MiB. */
    readonly skipped: number;
    /** Those that mention anything like a trace, and were parsed. */
    readonly parsed: number;
  };
}

/**
 * Reads the code of a folder and lists where it handles trace ids by hand.
 *
 * @param headers names of trace headers in addition to the known ones
 */
export function scanFolder(folder: string, headers: readonly string[] = []): Scan {
  const root = realpathSync(folder);
  const extraHeaders = new Set(headers.map((name) => name.toLowerCase()));
  const unreadable: Unparsed[] = [];
  const onUnreadable = (path: string, error: unknown) => {
    const name = relative(root, path).split(sep).join('/');
    unreadable.push({ file: name === '' ? '.' : name, message: problemOf(error) });
  };
  const paths = listSourceFiles(root, onUnreadable);
  const texts = new Map<string, string>();
  let skipped = 0;
  for (const path of paths) {
    try {
      const text = readSource(path);
      if (text === undefined) skipped++;
      else texts.set(path, text);
    } catch (error) {
      onUnreadable(path, error);
    }
  }
  const codeBase = readCodeBase(root, texts, extraHeaders);
  const all: { file: CodeFile; evidence: Evidence }[] = [];
  const proven = new Set<string>();
  const read = new Set<CodeFile>();
  // Following an import may open a file that says nothing of traces itself: it is read as well.
  for (
    let files = codeBase.files;
    files.length > 0;
    files = codeBase.files.filter((file) => !read.has(file))
  ) {
    for (const file of files) {
      read.add(file);
      for (const evidence of evidenceIn({ codeBase, file, extraHeaders })) {
        all.push({ file, evidence });
        for (const word of evidence.proves ?? []) if (word) proven.add(word);
      }
    }
  }
  all.sort((a, b) => (a.file.name < b.file.name ? -1 : a.file.name > b.file.name ? 1 : 0));
  const evidence = all.filter(({ evidence: { needs } }) => needs === undefined || proven.has(needs));
  return {
    folder: root,
    findings: toFindings(evidence),
    evidence,
    codeBase,
    extraHeaders,
    unparsed: [...unreadable, ...codeBase.unparsed],
    files: { found: paths.length, skipped, parsed: codeBase.files.length },
  };
}

function evidenceIn(place: CodePlace): Evidence[] {
  const found: Evidence[] = [];
  const seen = new Set<string>();
  for (const node of place.file.scopes.nodes) {
    for (const evidence of [
      ...findHeaders(place, node),
      ...findMadeIds(place, node),
      ...findContexts(place, node),
      ...findPayloads(place, node),
      ...findLogs(place, node),
      ...findLibraries(place, node),
    ]) {
      // `a.headers[H]` may be the inner and the outer node of one reading.
      const key = `${evidence.kind}:${evidence.at.loc?.start.line}:${evidence.header ?? evidence.at.start}`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(evidence);
    }
  }
  return found.sort((a, b) => (a.at.start ?? 0) - (b.at.start ?? 0));
}

function toFindings(all: readonly { file: CodeFile; evidence: Evidence }[]): ScanFinding[] {
  const counted = new Map<CodeFile, Set<number>>();
  return all.map(({ file, evidence }) => {
    const lines = counted.get(file) ?? new Set();
    counted.set(file, lines);
    const before = lines.size;
    for (const line of wholeLines(file, evidence.removable)) lines.add(line);
    const { line = 1, column = 0 } = evidence.at.loc?.start ?? {};
    return {
      kind: evidence.kind,
      file: file.name,
      line,
      column: column + 1,
      ...(evidence.header === undefined || namesTraceHeader(evidence.header)
        ? {}
        : { header: evidence.header }),
      code: (file.text.split('\n', line)[line - 1] ?? '').trim().slice(0, 160),
      replacement: replacements[evidence.kind],
      removableLines: lines.size - before,
      inTest: isTest(file.name),
    };
  });
}

/** The lines that contain nothing else. */
function wholeLines(file: CodeFile, node: Node | undefined): number[] {
  if (!node?.loc || node.start == null || node.end == null) return [];
  const before = file.text.slice(file.text.lastIndexOf('\n', node.start - 1) + 1, node.start);
  const lineEnd = file.text.indexOf('\n', node.end);
  const after = file.text.slice(node.end, lineEnd === -1 ? undefined : lineEnd);
  const first = node.loc.start.line + (before.trim() === '' ? 0 : 1);
  const last = node.loc.end.line - (/^[\s,;]*(?:\/\/.*)?$/.test(after) ? 0 : 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

export function isTest(name: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|__mocks__|spec|e2e|cypress)\/|[._-](?:test|tests|spec|e2e)\.[cm]?[jt]sx?$/.test(
    name,
  );
}
