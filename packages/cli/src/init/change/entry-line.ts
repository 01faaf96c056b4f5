import type { File } from '@babel/types';
import { CommandError } from '../../command-line/errors.js';
import { parseCode } from '../../scan/code/parse.js';

const register = '@throughline/core/register';
/** Comments that tools look for above the first statement. */
const pragma =
  /^[/\s*!]*(?:@ts-|@flow|@jsx|@license|@licence|@copyright|@fileoverview|@jest|copyright|spdx-|eslint|biome-|prettier-|istanbul |c8 |<reference |<amd)/i;

/**
 * The text of an entry with the line that starts Throughline, before everything that runs. What must stay first stays
 * first: a byte order mark, `#!`, directives, and comments about the whole file.
 *
 * @param isModule whether Node takes the file for an ES module if its syntax does not tell
 * @throws CommandError `OBS_INIT_ENTRY` when the file cannot be parsed
 */
export function withRegisterLine(path: string, text: string, isModule: boolean): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const code = text.slice(mark.length);
  const tree = parsed(path, code);
  const at = placeOf(code, tree);
  const newline = code.includes('\r\n') ? '\r\n' : '\n';
  const line = registerLine(path, code, tree, isModule);
  const head = code.slice(0, at);
  const needsNewline = head !== '' && !/[\n\r]$/.test(head);
  const after = `${head}${needsNewline ? newline : ''}${line}${newline}${code.slice(at)}`;
  parsed(path, after);
  return mark + after;
}

function parsed(path: string, code: string): File {
  try {
    // Files without an extension, such as bin/www, are JavaScript.
    return parseCode(/\.[a-z]+$/i.test(path) ? path : `${path}.js`, code);
  } catch (cause) {
    throw new CommandError(
      'OBS_INIT_ENTRY',
      `${path} cannot be parsed: ${(cause as Error).message.split('\n')[0]}.`,
      {
        cause,
        fix: 'Correct the file, or name another one: `throughline init --entry <file>`.',
      },
    );
  }
}

function placeOf(code: string, { program, comments }: File): number {
  let at = program.interpreter ? lineAfter(code, program.interpreter.end ?? 0) : 0;
  for (const directive of program.directives) at = lineAfter(code, directive.end ?? 0);
  const first = program.body[0]?.start ?? code.length;
  for (const comment of comments ?? []) {
    const { start = 0, end = 0 } = comment as { start?: number; end?: number };
    if (start < at || end > first) continue;
    const after = lineAfter(code, end);
    // A comment directly above a statement belongs to that statement.
    const isSeparate = /^[^\S\n]*(?:\r?\n|$)/.test(code.slice(after)) && after <= first;
    if (pragma.test(code.slice(start, end)) || isSeparate) at = Math.min(after, first);
    else if (!continuesAsSeparate(code, after, comments ?? [], first)) break;
  }
  return at;
}

/** A block of `//` lines is one comment. */
function continuesAsSeparate(
  code: string,
  after: number,
  comments: NonNullable<File['comments']>,
  first: number,
): boolean {
  let at = after;
  for (;;) {
    const next = comments.find(
      ({ start }) =>
        (start ?? -1) >= at &&
        code.slice(at, start ?? 0).trim() === '' &&
        !code.slice(at, start ?? 0).includes('\n'),
    );
    if (!next || (next.start ?? 0) > first) return false;
    if (pragma.test(code.slice(next.start ?? 0, next.end ?? 0))) return true;
    at = lineAfter(code, next.end ?? 0);
    if (/^[^\S\n]*(?:\r?\n|$)/.test(code.slice(at)) && at <= first) return true;
  }
}

/** The start of the next line, or the position itself if more code follows in the line. */
function lineAfter(code: string, at: number): number {
  const rest = /^[^\S\n\r]*;?[^\S\n\r]*(?:\/\/[^\n\r]*)?(?:\r?\n|$)/.exec(code.slice(at));
  return rest ? at + rest[0].length : at;
}

function registerLine(path: string, code: string, { program }: File, isModule: boolean): string {
  const double = code.match(/(?:from|import|require\(|use strict)\s*"/g)?.length ?? 0;
  const single = code.match(/(?:from|import|require\(|use strict)\s*'/g)?.length ?? 0;
  const quote = double > single ? '"' : "'";
  const lines = code.split(/\r?\n/);
  const ended = lines.filter((line) => /;\s*$/.test(line)).length;
  const open = lines.filter((line) => /[\w)'"\]]\s*$/.test(line)).length;
  const end = ended === 0 && open > 0 ? '' : ';';
  const specifier = `${quote}${register}${quote}`;
  return usesImport(path, program, isModule) ? `import ${specifier}${end}` : `require(${specifier})${end}`;
}

function usesImport(path: string, program: File['program'], isModule: boolean): boolean {
  if (/\.m[jt]s$/.test(path)) return true;
  if (/\.cjs$/.test(path)) return false;
  const isModuleSyntax = program.body.some((statement) =>
    /^(?:Import|Export)(?!.*Equals)/.test(statement.type),
  );
  if (isModuleSyntax) return true;
  const isCommonJs = program.body.some(
    (statement) => statement.type === 'TSImportEqualsDeclaration' || statement.type === 'TSExportAssignment',
  );
  if (isCommonJs) return false;
  return /\.tsx?$/.test(path) ? true : isModule;
}
