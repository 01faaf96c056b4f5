import { callingContext, correlation, jsonMembers, traceMembers } from './correlation.js';
import { callContext, type LogInfo } from './log-record.js';
import { wrapMethod } from './wrap-method.js';

type AsJson = (
  this: PinoLike,
  object: object | undefined,
  message: unknown,
  level: number,
  time: string,
) => string;

interface PinoLike {
  readonly levels?: { readonly labels: Readonly<Record<number, string>> };
  bindings?(): Record<string, unknown>;
  readonly [name: symbol]: unknown;
}

/** pino keeps its inner functions under symbols with these descriptions, in version 8 as in 10. */
function symbolNamed(owner: object | null, description: string): symbol | undefined {
  for (let holder = owner; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const symbol = Object.getOwnPropertySymbols(holder).find((one) => one.description === description);
    if (symbol !== undefined) return symbol;
  }
  return undefined;
}

export function isPino(logger: object): boolean {
  return symbolNamed(logger, 'pino.asJson') !== undefined;
}

/**
 * Adds the fields to the time, which pino inserts into the line as text. The mixins, formatters, serializers and
 * transports of the service are not affected; transports get the line as text, in worker threads too.
 *
 * @param owner a logger, or the prototype of all
 * @returns removes the patch
 */
export function correlatePino(owner: object): () => void {
  const symbol = symbolNamed(owner, 'pino.asJson');
  if (!symbol) return () => {};
  return wrapMethod(owner as Record<symbol, AsJson>, symbol, (original) => {
    /** A prototype has no bindings yet. */
    let bindingsSymbol: symbol | undefined;
    let nestedKeySymbol: symbol | undefined;
    return function asJson(this: PinoLike, object, message, level, time) {
      const { copy, identity, levelAsWord } = correlation();
      let timeAndMembers = time;
      try {
        if (copy) copyLine(this, object, message, level, copy);
        const trace = traceMembers();
        if (trace !== '' || identity !== undefined) {
          bindingsSymbol ??= symbolNamed(this, 'pino.chindings');
          const bindings = bindingsSymbol === undefined ? undefined : this[bindingsSymbol];
          if (identity === undefined && object != null && !('trace_id' in object)) {
            // The usual line.
            if (!hasTrace(bindings)) timeAndMembers += trace;
          } else {
            nestedKeySymbol ??= symbolNamed(this, 'pino.nestedKey');
            // Under `nestedKey` the object is a level below, where its names are no names of the line.
            const isNested = nestedKeySymbol !== undefined && Boolean(this[nestedKeySymbol]);
            const named = isNested ? undefined : object;
            timeAndMembers += jsonMembers((name) => hasMember(named, name) || isBound(bindings, name), trace);
          }
        }
      } catch {
        // The line is written unchanged.
      }
      const line = original.call(this, object, message, level, timeAndMembers);
      return levelAsWord ? withLevelAsWord(this, line, level) : line;
    };
  });
}

function hasMember(object: object | undefined, name: string): boolean {
  return object != null && name in object;
}

/** The bindings of the last line: most loggers write many lines with the same. */
let lastBindings: unknown;
let lastHasTrace = false;

function hasTrace(bindings: unknown): boolean {
  if (bindings !== lastBindings) {
    lastHasTrace = isBound(bindings, 'trace_id');
    lastBindings = bindings;
  }
  return lastHasTrace;
}

let parsedBindings = '';
let parsedNames: object = {};

/**
 * Whether the bindings, which pino keeps as `,"name":value` in text, have a member of that name. A header or a query
 * parameter of a caller that has the name lies deeper, and does not count.
 */
function isBound(given: unknown, name: string): boolean {
  const bindings = String(given);
  if (!bindings.includes(`"${name}":`)) return false;
  if (bindings !== parsedBindings) {
    parsedNames = JSON.parse(`{${bindings.replace(/^,/, '')}}`) as object;
    parsedBindings = bindings;
  }
  return Object.hasOwn(parsedNames, name);
}

function withLevelAsWord(logger: PinoLike, line: string, level: number): string {
  const label = logger.levels?.labels[level];
  const start = `{"level":${level},`;
  return label !== undefined && line.startsWith(start)
    ? `{"level":${JSON.stringify(label)},${line.slice(start.length)}`
    : line;
}

function copyLine(
  logger: PinoLike,
  object: object | undefined,
  message: unknown,
  level: number,
  copy: (line: LogInfo) => void,
): void {
  const line: LogInfo = {
    ...logger.bindings?.(),
    ...object,
    level: logger.levels?.labels[level] ?? String(level),
    message: message ?? (object as { msg?: unknown } | undefined)?.msg ?? '',
  };
  line[callContext] = callingContext();
  copy(line);
}
