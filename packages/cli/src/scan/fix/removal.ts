import type { CodeFile } from '../code/code-base.js';
import { isCall, type Node } from '../code/syntax.js';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The text without the ranges, which may overlap. */
export function cut(text: string, ranges: readonly Range[]): string {
  let result = '';
  let from = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= from) continue;
    result += text.slice(from, Math.max(from, start));
    from = end;
  }
  return result + text.slice(from);
}

/**
 * The range to cut so that a property, specifier, argument or statement is removed and the code around it does not
 * change. An object that would become empty is removed too, if it is not needed.
 *
 * @param gone everything that is removed from the file
 */
export function removalOf(file: CodeFile, node: Node, gone: readonly Node[]): Range[] {
  const parent = file.scopes.parentOf(node);
  if (parent?.type === 'ObjectExpression' && parent.properties.every((property) => gone.includes(property))) {
    const holder = file.scopes.parentOf(parent);
    // `headers: {}`, and then the `{}` behind the address.
    if (holder?.type === 'ObjectProperty') return removalOf(file, holder, [...gone, holder]);
    if (isCall(holder) && holder.arguments.length > 1 && holder.arguments.at(-1) === parent) {
      return elementRange(file.text, holder.arguments as Node[], [parent], parent);
    }
  }
  if (parent?.type === 'ObjectExpression' || parent?.type === 'ObjectPattern') {
    return elementRange(file.text, parent.properties as Node[], gone, node);
  }
  if (parent?.type === 'ImportDeclaration')
    return elementRange(file.text, parent.specifiers as Node[], gone, node);
  return [statementRange(file.text, node)];
}

/** An item of a list with its comma, and with its line if it is alone on the line. */
function elementRange(
  text: string,
  elements: readonly Node[],
  gone: readonly Node[],
  element: Node,
): Range[] {
  const index = elements.indexOf(element);
  const start = element.start ?? 0;
  const end = element.end ?? 0;
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const line = lineAround(text, start, end + comma);
  const previous = elements.slice(0, index).findLast((earlier) => !gone.includes(earlier));
  if (elements.slice(index + 1).some((later) => !gone.includes(later))) {
    if (line) return [line];
    return [{ start, end: end + comma + (/^[ \t]*/.exec(text.slice(end + comma))?.[0].length ?? 0) }];
  }
  // Nothing that stays follows it: the comma before it is cut instead, unless the list ends with one.
  if (!line || !previous) return [{ start: previous?.end ?? elements[0]?.start ?? start, end }];
  const before = previous.end ?? 0;
  const endsWithComma = /^\s*,/.test(text.slice(elements.at(-1)?.end ?? 0));
  return endsWithComma ? [line] : [line, { start: before, end: before + 1 }];
}

/** A statement with its line, and one of two blank lines that would meet. */
function statementRange(text: string, node: Node): Range {
  const start = node.start ?? 0;
  const end = node.end ?? 0;
  const line = lineAround(text, start, end);
  if (!line) return { start, end };
  const blankBefore =
    line.start === 0 ||
    /\n[ \t]*\r?\n$/.test(text.slice(Math.max(0, line.start - 200), line.start)) ||
    /\{[ \t]*\r?\n$/.test(text.slice(0, line.start));
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(line.end));
  return blankBefore && blankAfter ? { start: line.start, end: line.end + blankAfter[0].length } : line;
}

/** The whole lines of a range; undefined if they contain something else. */
function lineAround(text: string, start: number, end: number): Range | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  const stop = lineEnd === -1 ? text.length : lineEnd + 1;
  if (text.slice(lineStart, start).trim() !== '') return undefined;
  return /^[ \t;]*(?:\/\/[^\n]*)?\r?\n?$/.test(text.slice(end, stop))
    ? { start: lineStart, end: stop }
    : undefined;
}
