import type { SqlToken } from './tokens.js';

/**
 * `db.query.text` without values: every literal is `?`, comments are gone, white space is one space, lists after
 * `IN` are `(?)`, and the rows of `VALUES` are one row. Names, keywords, placeholders and the shape stay.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/#sanitization-of-dbquerytext
 */
export function sanitize(tokens: readonly SqlToken[], maxLength: number): string {
  const closings = closingsOf(tokens);
  let text = '';
  for (let i = 0; i < tokens.length; ) {
    // What is longer is cut anyway.
    if (text.length > maxLength) break;
    const token = tokens[i] as SqlToken;
    if (token.spaced && text !== '') text += ' ';
    text += token.text;
    i++;
    if (token.kind === 'symbol' && token.text === '[') {
      const end = endOfList(tokens, i - 1, ']');
      if (end !== undefined && isWord(tokens[i - 2], 'ARRAY')) {
        text += '?]';
        i = end;
      }
    } else if (isWord(token, 'IN')) {
      const end = isSymbol(tokens[i], '(') ? endOfList(tokens, i, ')') : undefined;
      if (end !== undefined) {
        text += ' (?)';
        i = end;
      } else if (isSymbol(tokens[i], '(') && isSymbol(tokens[i + 1], '(')) {
        // Rows of literals: `(a, b) IN ((1, 2), (3, 4))`.
        const rows = foldRows(tokens, i + 1, closings);
        if (rows) {
          text += ` (${rows.text}`;
          i = rows.end;
        }
      }
    } else if (isWord(token, 'VALUES') || isWord(token, 'VALUE')) {
      const rows = foldRows(tokens, i, closings);
      if (rows) {
        text += rows.text;
        i = rows.end;
      }
    }
  }
  return cut(text, maxLength);
}

/** The text, cut to a maximum length. A mark shows that it was cut. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  if (maxLength < 1) return '';
  const end = maxLength - 1;
  // Not between the two halves of a character.
  const isHalf = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return `${text.slice(0, isHalf ? end - 1 : end)}…`;
}

/** Where a list of nothing but literals and placeholders ends, if it is one. */
function endOfList(tokens: readonly SqlToken[], open: number, close: ')' | ']'): number | undefined {
  let hasValue = false;
  for (let i = open + 1; i < tokens.length; i++) {
    const token = tokens[i] as SqlToken;
    if (isSymbol(token, close)) return hasValue ? i + 1 : undefined;
    if (token.kind === 'literal' || token.kind === 'placeholder') hasValue = true;
    else if (isSymbol(token, ':')) {
      // `:name`, or the type of `$1::uuid`.
      if (tokens[i + 1]?.kind === 'word') {
        hasValue = true;
        i++;
      } else if (!isSymbol(tokens[i + 1], ':')) return undefined;
    } else if (token.kind === 'word') {
      if (!/^(?:null|true|false|date|timestamp|interval|_[a-z0-9]+)$/i.test(token.text)) return undefined;
      hasValue = true;
    } else if (token.kind !== 'symbol' || !/[,+-]/.test(token.text)) return undefined;
  }
  return undefined;
}

/** One row instead of many, with its placeholders as `?`; undefined if there are not many rows. */
function foldRows(
  tokens: readonly SqlToken[],
  start: number,
  closings: readonly number[],
): { readonly text: string; readonly end: number } | undefined {
  const first = endOfRow(tokens, start, closings);
  if (first === undefined) return undefined;
  let end = first;
  while (isSymbol(tokens[end], ',')) {
    const row = endOfRow(tokens, end + 1, closings);
    if (row === undefined) break;
    end = row;
  }
  if (end === first) return undefined;
  let text = '';
  for (let i = start; i < first; i++) {
    const { kind, text: own, spaced } = tokens[i] as SqlToken;
    text += `${spaced ? ' ' : ''}${kind === 'placeholder' ? '?' : own}`;
  }
  return { text, end };
}

/** Where `(…)`, or MySQL's `ROW(…)`, ends. */
function endOfRow(
  tokens: readonly SqlToken[],
  start: number,
  closings: readonly number[],
): number | undefined {
  const open = isWord(tokens[start], 'ROW') ? start + 1 : start;
  return isSymbol(tokens[open], '(') ? (closings[open] as number) + 1 : undefined;
}

/** The position of the `)` for every `(`, or the end if there is none. Computed once, so that nesting costs nothing. */
function closingsOf(tokens: readonly SqlToken[]): readonly number[] {
  const closings: number[] = [];
  const open: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    closings.push(tokens.length - 1);
    if (isSymbol(tokens[i], '(')) open.push(i);
    else if (isSymbol(tokens[i], ')')) {
      const start = open.pop();
      if (start !== undefined) closings[start] = i;
    }
  }
  return closings;
}

const isSymbol = (token: SqlToken | undefined, text: string) =>
  token?.kind === 'symbol' && token.text === text;

const isWord = (token: SqlToken | undefined, upperCase: string) =>
  token?.kind === 'word' && token.text.length === upperCase.length && token.text.toUpperCase() === upperCase;
