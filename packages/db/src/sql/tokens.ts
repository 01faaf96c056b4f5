/** Whose lexical rules hold: they differ in quotes, escapes and comments. */
export type SqlDialect = 'postgresql' | 'mysql';

/**
 * - `word`: a keyword or a name
 * - `quoted`: a quoted name, with its quotes
 * - `literal`: a string, number, or bit string, without its text, which is not needed
 * - `placeholder`: `?` or `$1`
 * - `symbol`: any other character
 */
export type SqlTokenKind = 'word' | 'quoted' | 'literal' | 'placeholder' | 'symbol';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
  /** Whether white space or a comment precedes it. */
  readonly spaced: boolean;
}

const whitespace = /[\s\0]+/y;
const word = /[\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy;
/** Greedy, so that `1abc` and `0xFF` are one literal; a sign only after an exponent's `e`. */
const number = /(?:0[xXoObB][\da-fA-F_]+|[\d_]*\.?[\d_]+(?:[eE][+-]?\d+)?)[\p{L}\p{N}_$]*\.?/uy;
const numbered = /\$\d+/y;
const dollarTag = /\$(?:[\p{L}_\u0080-\uffff][\p{L}\p{N}_\u0080-\uffff]*)?\$/uy;

/**
 * Cuts a statement into tokens, in one pass and in linear time for every text. A quote without its end makes a
 * literal of the rest, and a comment without its end hides the rest: nothing of a value shows.
 */
export function tokenize(sql: string, dialect: SqlDialect): SqlToken[] {
  const tokens: SqlToken[] = [];
  const isMySql = dialect === 'mysql';
  let at = 0;
  let spaced = false;
  const push = (kind: SqlTokenKind, text: string) => {
    tokens.push({ kind, text, spaced });
    spaced = false;
  };
  while (at < sql.length) {
    const start = at;
    const char = sql[at] as string;
    const next = sql[at + 1];
    if (char === "'" || (char === '"' && isMySql)) {
      const prefix = stringPrefix(tokens, spaced, char);
      // E'…' is the only string of PostgreSQL's with backslashes, as standard_conforming_strings is on since 9.1.
      at = endOfQuoted(sql, at, char, isMySql || prefix === 'e') ?? sql.length;
      if (prefix === undefined) push('literal', '?');
      else
        tokens.push({ kind: 'literal', text: '?', spaced: (popPrefix(tokens, prefix) as SqlToken).spaced });
    } else if (char === '"' || (char === '`' && isMySql)) {
      const end = endOfQuoted(sql, at, char, false);
      at = end ?? sql.length;
      // Without its end it may be anything, a value too.
      if (end === undefined) push('literal', '?');
      else push('quoted', sql.slice(start, end));
    } else if (isLineComment(sql, at, char, next, isMySql)) {
      const end = sql.indexOf('\n', at);
      at = end === -1 ? sql.length : end + 1;
      spaced = true;
    } else if (char === '/' && next === '*') {
      at = endOfComment(sql, at, !isMySql);
      spaced = true;
    } else if (char === '$' && !isMySql) {
      const tag = matchAt(dollarTag, sql, at);
      const placeholder = tag === undefined ? matchAt(numbered, sql, at) : undefined;
      if (tag !== undefined) {
        const end = sql.indexOf(tag, at + tag.length);
        at = end === -1 ? sql.length : end + tag.length;
        push('literal', '?');
      } else if (placeholder !== undefined) {
        at += placeholder.length;
        push('placeholder', placeholder);
      } else {
        at++;
        push('symbol', char);
      }
    } else if (isDigit(char) || (char === '.' && isDigit(next))) {
      at += (matchAt(number, sql, at) ?? char).length;
      push('literal', '?');
    } else {
      const space = matchAt(whitespace, sql, at);
      const name = space === undefined ? matchAt(word, sql, at) : undefined;
      if (space !== undefined) {
        at += space.length;
        spaced = true;
      } else if (name !== undefined) {
        at += name.length;
        push('word', name);
      } else {
        at++;
        push(char === '?' ? 'placeholder' : 'symbol', char);
      }
    }
  }
  return tokens;
}

/** The `E` of `E'…'`, the `X` of `X'…'` and so on, in lower case; they belong to the literal. */
function stringPrefix(tokens: readonly SqlToken[], spaced: boolean, quote: string): string | undefined {
  if (spaced || quote !== "'") return undefined;
  const last = tokens.at(-1);
  if (last?.kind === 'word' && /^[ebxn]$/i.test(last.text)) return last.text.toLowerCase();
  const isUnicode = last?.text === '&' && !last.spaced && tokens.at(-2)?.text.toLowerCase() === 'u';
  return isUnicode ? 'u&' : undefined;
}

function popPrefix(tokens: SqlToken[], prefix: string): SqlToken | undefined {
  let first: SqlToken | undefined;
  for (let i = 0; i < prefix.length; i++) first = tokens.pop();
  return first;
}

function endOfQuoted(sql: string, start: number, quote: string, backslashes: boolean): number | undefined {
  for (let at = start + 1; at < sql.length; at++) {
    const char = sql[at];
    if (char === '\\' && backslashes) at++;
    else if (char === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return undefined;
}

function isLineComment(
  sql: string,
  at: number,
  char: string,
  next: string | undefined,
  isMySql: boolean,
): boolean {
  if (char === '#') return isMySql;
  if (char !== '-' || next !== '-') return false;
  // MySQL takes `5--1` for a subtraction.
  return !isMySql || at + 2 >= sql.length || /\s/.test(sql[at + 2] as string);
}

/** PostgreSQL's comments nest. */
function endOfComment(sql: string, start: number, nests: boolean): number {
  if (!nests) {
    const end = sql.indexOf('*/', start + 2);
    return end === -1 ? sql.length : end + 2;
  }
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start + 2;
  let depth = 1;
  for (let match = edge.exec(sql); match; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9';
