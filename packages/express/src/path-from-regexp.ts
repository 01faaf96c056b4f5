import type { DeclaredPath, Layer, LayerConstructor } from './express-internals.js';

// Express 4 keeps of a mount path only the expression that path-to-regexp 0.1 made of it. These are the forms
// that its versions 0.1.7 to 0.1.13 produce, read in their sources.

/** Where the expression of a mount path ends, whichever way it was declared. */
const mountEnd = /\\\/\?\(\?=\\\/\|\$\)$/;
/** `:id`, with the slash before it inside the group (newer) or before the group (older). */
const parameterStart = /\(\?:(\\\.)?(\\\/)?(?=\()/y;
const repetition = /\(\(\?:\[\\?\/(?:\\\.)?\]\.\+\?\)\?\)/y;
/** What a parameter matches if the service declares no expression for it. */
const usualCapture = /^(?:\[\^\\?\/(?:\\\.)?\]\+\?|\(\?:\(\?!\\\/\|.*\)\.\)\+\?)$/;

type Keys = readonly { readonly name: string | number }[];

/**
 * The path with which a layer of Express 4 was mounted, worked out from its expression; undefined when that
 * cannot be done with certainty.
 */
export function declaredPathOfExpression(layer: Layer): DeclaredPath | undefined {
  const { regexp, keys } = layer;
  if (!regexp || !keys) return undefined;
  try {
    const path = pathOf(regexp, keys);
    if (path === regexp) return path;
    // Certain is what gives the same expression again.
    const Layer = layer.constructor as LayerConstructor;
    const again = new Layer(path, { end: false, sensitive: !regexp.flags.includes('i') }, () => {});
    return again.regexp?.source === regexp.source ? path : undefined;
  } catch {
    return undefined;
  }
}

function pathOf(regexp: RegExp, keys: Keys): DeclaredPath {
  const list = withoutListGroup(regexp.source);
  const alternatives = splitAlternatives(list);
  // An expression that the service declared is used by Express as it is.
  if (!alternatives.some(isMountExpression)) return regexp;
  let used = 0;
  const paths = alternatives.map((source) => {
    const reversal = new Reversal(source, keys.slice(used));
    const path = isMountExpression(source) ? reversal.path() : new RegExp(source, regexp.flags);
    used += reversal.keysUsed;
    return path;
  });
  const [only] = paths;
  return paths.length === 1 && only !== undefined && list === regexp.source ? only : paths;
}

function isMountExpression(source: string): boolean {
  return source.startsWith('^') && mountEnd.test(source);
}

/** In 0.1.7 a list of paths, even of one path, is in a separate group: `(?:^…|^…)`. */
function withoutListGroup(source: string): string {
  return source.startsWith('(?:') && closingParenthesis(source, 0) === source.length - 1
    ? source.slice(3, -1)
    : source;
}

function splitAlternatives(source: string): string[] {
  const alternatives: string[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < source.length; i = afterAtom(source, i)) {
    if (source[i] === '(') depth++;
    else if (source[i] === ')') depth--;
    else if (source[i] === '|' && depth === 0) {
      alternatives.push(source.slice(start, i));
      start = i + 1;
    }
  }
  return [...alternatives, source.slice(start)];
}

function closingParenthesis(source: string, open: number): number {
  let depth = 0;
  for (let i = open; i < source.length; i = afterAtom(source, i)) {
    if (source[i] === '(') depth++;
    else if (source[i] === ')' && --depth === 0) return i;
  }
  throw new Error('no closing parenthesis');
}

/** Position after a character, an escaped character or a class. */
function afterAtom(source: string, i: number): number {
  if (source[i] === '\\') return i + 2;
  if (source[i] !== '[') return i + 1;
  let end = i + 1;
  while (end < source.length && source[end] !== ']') end += source[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** Reads the expression of one path from left to right. */
class Reversal {
  keysUsed = 0;
  private position = 1;
  private text = '';
  private readonly end: number;

  constructor(
    private readonly source: string,
    private readonly keys: Keys,
  ) {
    this.end = source.search(mountEnd);
    if (this.end === -1) this.keysUsed = countGroups(source);
  }

  path(): string {
    while (this.position < this.end) {
      if (!this.parameter() && !this.wildcard() && !this.group()) this.character();
    }
    return this.text;
  }

  private parameter(): boolean {
    const { source } = this;
    const start = this.matchAt(parameterStart, this.position);
    const name = this.keys[this.keysUsed]?.name;
    if (!start || typeof name !== 'string') return false;
    const open = this.position + start[0].length;
    const close = closingParenthesis(source, open);
    const capture = source.slice(open + 1, close);
    const repeated = this.matchAt(repetition, close + 1);
    const groupEnd = close + 1 + (repeated?.[0].length ?? 0);
    if (source[groupEnd] !== ')') return false;
    const optional = source[groupEnd + 1] === '?' && groupEnd + 1 < this.end;
    this.text +=
      (start[2] ? '/' : '') +
      (start[1] ? '.' : '') +
      `:${name}` +
      (usualCapture.test(capture) ? '' : `(${unescaped(capture)})`) +
      (repeated ? '*' : '') +
      (optional ? '?' : '');
    this.keysUsed += repeated ? 2 : 1;
    this.position = groupEnd + (optional ? 2 : 1);
    return true;
  }

  private wildcard(): boolean {
    if (!this.source.startsWith('(.*)', this.position)) return false;
    this.text += '*';
    this.keysUsed++;
    this.position += 4;
    return true;
  }

  private group(): boolean {
    const { source, position } = this;
    if (source[position] !== '(') return false;
    if (source.startsWith('(?:', position) && this.text.endsWith('/')) {
      // `/(` is declared so, and made a group without a key.
      this.text += '(';
      this.position += 3;
      return true;
    }
    if (source[position + 1] !== '?') this.keysUsed++;
    this.text += '(';
    this.position++;
    return true;
  }

  private character(): void {
    const next = afterAtom(this.source, this.position);
    this.text += unescaped(this.source.slice(this.position, next));
    this.position = next;
  }

  private matchAt(pattern: RegExp, position: number): RegExpExecArray | null {
    pattern.lastIndex = position;
    return pattern.exec(this.source);
  }
}

function unescaped(source: string): string {
  return source.replace(/\\([/.])/g, '$1');
}

/** The keys of an expression that the service declared are its groups. */
function countGroups(source: string): number {
  let groups = 0;
  for (const [found] of source.matchAll(/\\.|\((?:\?<(?![=!])|(?!\?))/g))
    if (found !== '' && found[0] === '(') groups++;
  return groups;
}
