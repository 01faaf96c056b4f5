import { errorMessage, errorType, isError, propertyOf } from '../model/foreign-error.js';
import { setOwn } from '../model/own-property.js';
import { copyOf } from '../model/text-copy.js';
import type { Redact } from '../options/log-options.js';
import { createSecretNames, redacted } from '../redaction/secret-names.js';
import { endsHere, type PathNode, pathTree, stepInto } from '../redaction/secret-paths.js';
import { createTextRedaction, type RedactText } from '../redaction/secret-text.js';
import { isPlainAscii } from './plain-ascii.js';

export interface LineValueSettings {
  readonly redact: Redact;
  /** Longest text in one field, in characters. */
  readonly maxFieldLength: number;
}

/** Makes what a caller logs safe to write: secrets out, big values cut, everything plain data. */
export interface LineValues {
  text(value: string): string;
  /** A field of the line itself; `undefined` leaves it out. */
  field(name: string, value: unknown): unknown;
  /** Any value as plain data; `undefined` if nothing is to be written. */
  plain(value: unknown): unknown;
  /** Whether the line has room for a further field of this name. */
  hasRoomFor(name: string): boolean;
  /** Begins a line. The size of all its fields together is counted from zero. */
  begin(): void;
}

/**
 * What the caller's texts, names and objects may take of a line, in bytes of JSON: with time, trace and identity it
 * stays below 128 KiB. Loki refuses lines above 256 KiB unless it is configured otherwise; agents often have lower limits.
 */
const maxLineBytes = 126 * 1024;
/** What says how much was cut. */
const cutNoteBytes = 40;
/** Quotes, colon and comma of a name and its value. */
const entryBytes = 6;
const maxDepth = 12;
const maxEntries = 1_000;
const maxRememberedNames = 2_000;
const maxRememberedLength = 128;
const noAncestors: readonly object[] = [];
/** Takes the place of what cannot be read or written. */
export const unserializable = '[Unserializable]';

export function createLineValues({ redact, maxFieldLength }: LineValueSettings): LineValues {
  const given = redact === false ? [] : redact;
  const texts = given.filter((entry) => typeof entry === 'string');
  const isPath = (entry: string) => /[.[\]*]/.test(entry);
  const isSecret: (name: string) => boolean =
    redact === false ? () => false : createSecretNames(texts.filter((entry) => !isPath(entry)));
  const redactText: RedactText =
    redact === false ? (text) => text : createTextRedaction(given.filter((entry) => entry instanceof RegExp));
  const tree = pathTree(texts.filter(isPath));
  const root = tree && [tree];
  const hidesValues = redact !== false;

  /** What is left for the caller's texts and objects of this line. */
  let remaining = maxLineBytes;

  function text(value: string): string {
    if (value.length <= maxFieldLength) {
      const sizeBytes = jsonBytes(value);
      if (sizeBytes <= remaining) {
        remaining -= sizeBytes;
        return redactText(value);
      }
    }
    const end = cutAt(value, maxFieldLength, remaining);
    const kept = copyOfText(value.slice(0, end));
    remaining -= jsonBytes(kept) + cutNoteBytes;
    return `${redactText(kept)}…[${value.length - end} more characters]`;
  }

  /** Bytes of a name in JSON with what is around it, remembered: the same few names come on every line. */
  const entrySizes = new Map<string, number>();

  function sizeOfEntry(name: string): number {
    const known = entrySizes.get(name);
    if (known !== undefined) return known;
    const sizeBytes = jsonBytes(name) + entryBytes;
    if (entrySizes.size < maxRememberedNames && name.length <= maxRememberedLength) {
      const kept = copyOf(name);
      // A copy with half a character differs, and so does its size.
      if (kept === name) entrySizes.set(kept, sizeBytes);
    }
    return sizeBytes;
  }

  function hasRoomFor(name: string): boolean {
    return remaining > 0 && name.length < remaining && sizeOfEntry(name) < remaining;
  }

  /** Counts the size of a value that is not a text of the caller. Those are counted elsewhere. */
  function charged<T>(value: T): T {
    if (typeof value === 'number') remaining -= Number.isInteger(value) && Math.abs(value) < 1e6 ? 7 : 24;
    else if (typeof value !== 'string') remaining -= 5;
    // It may be a replacement such as '[REDACTED]'.
    else if (value.length <= unserializable.length) remaining -= unserializable.length;
    return value;
  }

  function named(
    name: string,
    value: unknown,
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
  ): unknown {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (value === null || typeof value === 'boolean') return endsHere(paths) ? redacted : value;
    if (isSecret(name) && value !== '' && !(mayHoldMore.test(name) && isRecord(value))) return redacted;
    if (hidesValues && ancestors.length > 0 && ancestors.some(isError)) {
      if (valuesOfError.test(name) && typeof value === 'object') return redacted;
      if (statementOfError.test(name) && typeof value === 'string') {
        return plain(value.replace(quotedLiteral, `'${redacted}'`), paths, ancestors, name);
      }
    }
    return plain(value, paths, ancestors, name);
  }

  function plain(
    value: unknown,
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
    name: string,
  ): unknown {
    if (paths !== undefined && endsHere(paths)) return redacted;
    switch (typeof value) {
      case 'string':
        return text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        // Beyond what a JSON parser keeps as a number, the digits count.
        return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
      case 'object':
        if (value === null) return null;
        try {
          return plainObject(value, paths, ancestors, name);
        } catch {
          return unserializable;
        }
      case 'boolean':
        return value;
      default:
        return undefined;
    }
  }

  function plainObject(
    value: object,
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
    name: string,
  ): unknown {
    if (ancestors.includes(value)) return '[Circular]';
    if (ancestors.length >= maxDepth) return Array.isArray(value) ? '[Array]' : '[Object]';
    if (remaining <= 0) return '[Cut]';
    const within = [...ancestors, value];
    if (isError(value)) return plainError(value, paths, within);
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      const replaced: unknown = toJSON.call(value, name);
      if (replaced !== value) return plain(replaced, paths, within, name);
    }
    if (Array.isArray(value)) return plainList(value, paths, within, name);
    if (value instanceof Set) return plainList(firstOf(value), paths, within, name);
    if (value instanceof Map) {
      const entries = firstOf(value).map(([key, entry]) => [keyText(key), entry] as const);
      return plainEntries(entries, paths, within);
    }
    if (value instanceof RegExp) return text(String(value));
    return plainEntries(readEntries(value), paths, within);
  }

  function plainList(
    list: readonly unknown[],
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
    name: string,
  ): unknown[] {
    // Header names and values in turn (`rawHeaders`), and single pairs of a name and a value.
    const isPairs = isTextList(list) && (list.length === 2 || /raw_?headers/i.test(name));
    const result: unknown[] = [];
    for (let i = 0; i < list.length; i++) {
      if (i >= maxEntries || remaining <= 0) {
        result.push('[more]');
        break;
      }
      remaining -= 1;
      const before = i % 2 === 1 ? list[i - 1] : undefined;
      result.push(
        charged(
          isPairs && typeof before === 'string' && isSecret(before)
            ? redacted
            : // As in JSON, a list keeps its length.
              (plain(list[i], stepInto(paths, String(i)), ancestors, name) ?? null),
        ),
      );
    }
    return result;
  }

  function plainEntries(
    entries: readonly (readonly [string, unknown])[],
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
  ): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    // { name: 'authorization', value: '…' }: how many formats write headers and form fields.
    const label = entries.find(([key]) => labelName.test(key))?.[1];
    const isSecretValue = typeof label === 'string' && isSecret(label);
    let count = 0;
    for (const [key, entry] of entries) {
      if (count++ >= maxEntries || !hasRoomFor(key)) {
        result['…'] = '[more]';
        if (count > maxEntries || remaining <= 0) break;
        continue;
      }
      remaining -= sizeOfEntry(key);
      const value =
        isSecretValue && valueName.test(key) ? redacted : named(key, entry, stepInto(paths, key), ancestors);
      if (value === undefined) continue;
      charged(value);
      const shownKey = textInName.test(key) ? redactText(key) : key;
      setOwn(result, shownKey, value);
    }
    return result;
  }

  function plainError(
    error: Error,
    paths: readonly PathNode[] | undefined,
    ancestors: readonly object[],
  ): Record<string, unknown> {
    const entries = readEntries(error).filter(([key]) => key !== 'cause' && key !== 'errors');
    return plainEntries(
      [
        ['type', errorType(error)],
        ['message', errorMessage(error) ?? ''],
        ['stack', propertyOf(error, 'stack')],
        ...entries,
        ...['cause', 'errors'].map((name) => [name, propertyOf(error, name)] as const),
      ],
      paths,
      ancestors,
    );
  }

  return {
    text,
    field(name, value) {
      remaining -= sizeOfEntry(name);
      return charged(named(name, value, root && stepInto(root, name), noAncestors));
    },
    plain: (value) => plain(value, undefined, [], ''),
    hasRoomFor,
    begin() {
      remaining = maxLineBytes;
    },
  };
}

/** What JSON writes with more characters than the text has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
const escaped = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
const escapedBeyondJson = /[\u007f-\u009f\u2028\u2029]/g;

/** How many bytes a text takes in a JSON line, without its quotes. */
function jsonBytes(text: string): number {
  if (isPlainAscii(text)) return text.length;
  if (!escaped.test(text)) return Buffer.byteLength(text);
  // Six for each character that json-line.ts escapes, of which two or three are counted already.
  return Buffer.byteLength(JSON.stringify(text)) - 2 + 4 * (text.match(escapedBeyondJson)?.length ?? 0);
}

/** Where a text is cut so that it is within both limits. */
function cutAt(text: string, maxLength: number, maxBytes: number): number {
  let end = Math.max(0, Math.min(text.length, maxLength, maxBytes));
  for (let sizeBytes = jsonBytes(text.slice(0, end)); end > 0 && sizeBytes > maxBytes; ) {
    end = Math.min(end - 1, Math.floor((end * maxBytes) / sizeBytes));
    sizeBytes = jsonBytes(text.slice(0, end));
  }
  // Not through the middle of a character of two units.
  return end > 0 && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}

/** V8's substrings hold the whole text that they are part of. */
function copyOfText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

const quotedLiteral = /'(?:[^'\\]|\\.|'')*'?/g;

/** Under these names objects are common that have only some secrets in them. */
const mayHoldMore = /^(?:auth|pass|sig|pin|otp)$/i;
/** What an object calls the name of a header or a field, and its value. */
const labelName = /^(?:name|key|header|field)$/i;
const valueName = /^values?$/i;
/** A name that is a text, such as a URL. */
const textInName = /[=@]/;

/**
 * Where errors of database clients carry the values of the statement: `parameters` and `bindings` of query builders,
 * `args` of ioredis' commands, `keyValue` of MongoDB.
 */
const valuesOfError = /^(?:parameters|params|bindings|bindparams|args|keyvalue)$/i;
/** Where they carry the statement, which may hold the values. */
const statementOfError = /^(?:sql|query|internalquery|statement|querytext)$/i;

/** A getter that throws costs its own value only. */
function readEntries(value: object): (readonly [string, unknown])[] {
  const keys = Object.keys(value);
  if (keys.length > maxEntries) keys.length = maxEntries + 1;
  return keys.map((key) => {
    try {
      return [key, Reflect.get(value, key)] as const;
    } catch {
      return [key, unserializable] as const;
    }
  });
}

/** One more than are written, to detect whether there are more. */
function firstOf<T>(values: Iterable<T>): T[] {
  const first: T[] = [];
  for (const value of values) {
    if (first.push(value) > maxEntries) break;
  }
  return first;
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? '[object]' : String(key);
}

function isRecord(value: unknown): boolean {
  try {
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    // A revoked Proxy.
    return true;
  }
}

function isTextList(list: readonly unknown[]): list is readonly string[] {
  return list.length > 0 && list.length <= 200 && list.every((entry) => typeof entry === 'string');
}
