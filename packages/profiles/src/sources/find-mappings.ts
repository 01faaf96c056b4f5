/** A source map of revision 3, as far as it is read: https://tc39.es/ecma426/ */
export interface RawSourceMap {
  readonly sources?: readonly (string | null)[];
  readonly sourceRoot?: string;
  readonly names?: readonly string[];
  readonly mappings?: string;
}

/** A place in the compiled code; line and column count from 0. */
export interface CompiledPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a place comes from; the line counts from 0. */
export interface Mapping {
  readonly source: number;
  readonly line: number;
  /** Index of its name in the map; undefined if it has none. */
  readonly name: number | undefined;
}

const digitOf = new Int8Array(128).fill(-1);
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  digitOf[character.charCodeAt(0)] = value;
}
const comma = 44;
const semicolon = 59;

/**
 * Finds the mappings of a few places: for each, the last one of its line that is not behind it. Reads the text once and
 * keeps nothing else: a decoded map of a large bundle takes a hundred times the memory.
 *
 * @returns in the order of the places; undefined where the map says nothing
 * @throws if the mappings are not valid
 */
export function findMappings(mappings: string, places: readonly CompiledPlace[]): (Mapping | undefined)[] {
  const found: (Mapping | undefined)[] = new Array(places.length).fill(undefined);
  const order = places
    .map((place, index) => ({ ...place, index }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  let wanted = 0;
  const state = { at: 0 };
  let line = 0;
  let column = 0;
  let source = 0;
  let sourceLine = 0;
  let name = 0;
  /** The last one of the line. */
  let last: Mapping | undefined;

  /** All places before this one have their answer. */
  const settleBefore = (nextLine: number, nextColumn: number) => {
    for (; wanted < order.length; wanted++) {
      const place = order[wanted] as (typeof order)[number];
      const isBefore = place.line < nextLine || (place.line === nextLine && place.column < nextColumn);
      if (!isBefore) return;
      found[place.index] = place.line === line ? last : undefined;
    }
  };

  while (state.at < mappings.length && wanted < order.length) {
    const code = mappings.charCodeAt(state.at);
    if (code === semicolon) {
      settleBefore(line + 1, 0);
      line++;
      column = 0;
      last = undefined;
      state.at++;
      continue;
    }
    if (code === comma) {
      state.at++;
      continue;
    }
    const nextColumn = column + readNumber(mappings, state);
    settleBefore(line, nextColumn);
    column = nextColumn;
    if (isEndOfSegment(mappings, state.at)) {
      last = undefined;
      continue;
    }
    source += readNumber(mappings, state);
    sourceLine += readNumber(mappings, state);
    // The column of the source.
    readNumber(mappings, state);
    const hasName = !isEndOfSegment(mappings, state.at);
    if (hasName) name += readNumber(mappings, state);
    last = { source, line: sourceLine, name: hasName ? name : undefined };
  }
  settleBefore(Number.POSITIVE_INFINITY, 0);
  return found;
}

function isEndOfSegment(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at >= text.length || code === comma || code === semicolon;
}

/** A number of variable length in base 64. */
function readNumber(text: string, state: { at: number }): number {
  let result = 0;
  let shift = 0;
  for (;;) {
    const digit = digitOf[text.charCodeAt(state.at++)] ?? -1;
    if (digit < 0) throw new Error('The mappings of the source map are not valid.');
    result |= (digit & 31) << shift;
    if ((digit & 32) === 0) break;
    shift += 5;
  }
  return result & 1 ? -(result >>> 1) : result >>> 1;
}
