import { format } from 'node:util';
import { type Context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import { SPLAT } from 'triple-beam';
import { contextFieldsOf } from '../context/context-fields.js';
import { errorMessage, errorType, isError, propertyOf } from '../model/foreign-error.js';
import { setOwn } from '../model/own-property.js';
import { type LineValues, unserializable } from './line-values.js';

/** On a line of Throughline itself, which no contract of the service's lines concerns. */
export const sdkLineMark = Symbol.for('throughline.logs.sdk-line');

/** On the one line about a request, message or job, which flood control lets pass. */
export const canonicalLineMark = Symbol.for('throughline.logs.canonical-line');

/** Under this key a line carries the context of the call that wrote it, however late it is formatted. */
export const callContext = Symbol.for('throughline.logs.call-context');

/** What winston hands through its formats and transports. */
export type LogInfo = Record<string | symbol, unknown>;

/** One line, settled: what every destination writes in its own form. */
export interface LogRecord {
  /** Since 1970. */
  readonly unixMillis: number;
  readonly level: string;
  readonly message: string;
  readonly context: Context | undefined;
  readonly spanContext: SpanContext | undefined;
  readonly error: LoggedError | undefined;
  /** Whether Throughline itself wrote it. */
  readonly isSdkLine: boolean;
  /** The context's fields, then the caller's in the order given; plain data without secrets. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | number | undefined;
}

/** Names that Throughline itself writes; a caller's field of the same name is kept as `exported_<name>`. */
export type ReservedFields = ReadonlySet<string>;

/** Settles a line: who called, what happened, and the caller's values as plain data without secrets. */
export function toLogRecord(info: LogInfo, reserved: ReservedFields, values: LineValues): LogRecord {
  const context = info[callContext] as Context | undefined;
  const splat = info[SPLAT] as unknown[] | undefined;
  const placed = splat && splat.length > 0 ? placedArguments(propertyOf(info, 'message'), splat) : undefined;
  const thrown = thrownValue(info, splat, placed);
  values.begin();
  return {
    unixMillis: Date.now(),
    level: String(info.level),
    message: values.text(messageOf(info, splat, placed, thrown, values)),
    context,
    spanContext: spanContextOf(context),
    error: thrown && describeError(thrown, values),
    isSdkLine: info[sdkLineMark] === true,
    fields: fieldsOf(info, placed?.metas ?? [], context, thrown, reserved, values),
  };
}

function spanContextOf(context: Context | undefined): SpanContext | undefined {
  const spanContext = context && trace.getSpanContext(context);
  return spanContext && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** Names of fields that say more than their value: {@link toLogRecord} reads them. */
const namesWithMeaning = new Set(['level', 'message', 'stack', 'cause', 'error', 'err']);

/**
 * Settles the line of the usual call, a text and perhaps a plain object, without the line object that winston would make
 * of them.
 *
 * @returns undefined if the fields need more care than that
 */
export function recordOfFields(
  level: string,
  message: string,
  given: object | undefined,
  context: Context | undefined,
  reserved: ReservedFields,
  values: LineValues,
): LogRecord | undefined {
  const keys = given === undefined ? noKeys : Object.keys(given);
  for (const key of keys) if (namesWithMeaning.has(key)) return undefined;
  const marked = given as LogInfo | undefined;
  if (marked !== undefined && (marked[sdkLineMark] ?? marked[canonicalLineMark] ?? marked[callContext])) {
    return undefined;
  }
  values.begin();
  const text = values.text(message);
  const fields = fieldsOfContext(context, values);
  if (marked !== undefined) addFields(fields, marked, keys, undefined, reserved, values);
  return {
    unixMillis: Date.now(),
    level,
    message: text,
    context,
    spanContext: spanContextOf(context),
    error: undefined,
    isSdkLine: false,
    fields,
  };
}

const noKeys: readonly string[] = [];

/** The arguments after a message, as winston's format `splat` takes them. */
interface PlacedArguments {
  /** What is written into the message, placeholder by placeholder; values for which there is none are appended. */
  readonly inMessage: readonly unknown[];
  /** Objects for which there is no placeholder; their properties are fields of the line. */
  readonly metas: readonly object[];
  readonly hasPlaceholders: boolean;
}

function placedArguments(message: unknown, splat: readonly unknown[]): PlacedArguments {
  const found = typeof message === 'string' ? message.match(/%[sdifjoOc%]/g) : null;
  const count = found ? found.filter((placeholder) => placeholder !== '%%').length : 0;
  const further = splat.slice(count);
  return {
    inMessage: [...splat.slice(0, count), ...further.filter((value) => !isMeta(value) && !isError(value))],
    // If there is no placeholder, winston has put the first one on the line.
    metas: (count === 0 ? further.slice(1) : further).filter((value) => isMeta(value)),
    hasPlaceholders: found !== null,
  };
}

function isMeta(value: unknown): value is object {
  try {
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !isError(value);
  } catch {
    // A revoked Proxy: there is nothing in it.
    return false;
  }
}

/** The error of a line: the message itself, an argument after it, or a field named `error` or `err`. */
function thrownValue(
  info: LogInfo,
  splat: unknown[] | undefined,
  placed: PlacedArguments | undefined,
): Error | undefined {
  if (isError(info)) return info;
  if (splat) for (const argument of splat) if (isError(argument)) return argument;
  for (const holder of [info, ...(placed?.metas ?? [])]) {
    for (const name of ['error', 'err', 'message']) {
      const value = propertyOf(holder, name);
      if (isError(value)) return value;
    }
  }
  return undefined;
}

function messageOf(
  info: LogInfo,
  splat: unknown[] | undefined,
  placed: PlacedArguments | undefined,
  thrown: Error | undefined,
  values: LineValues,
): string {
  const message = propertyOf(info, 'message');
  if (typeof message !== 'string') {
    if (isError(message)) return errorMessage(message) ?? '';
    return message === undefined ? '' : formatSafely([message], values);
  }
  if (placed) {
    // winston appends the message of an error argument to the message of the line. Here it has its own field.
    const suffix = thrown && splat?.[0] === thrown ? ` ${errorMessage(thrown) ?? ''}` : '';
    if (suffix.length > 1 && message.endsWith(suffix)) return message.slice(0, -suffix.length);
    if (placed.hasPlaceholders) return formatSafely([message, ...placed.inMessage], values);
  }
  return message;
}

/** `format` throws for what JSON cannot write (`%j` with a BigInt) and with what a `toString` throws. */
function formatSafely(given: readonly unknown[], values: LineValues): string {
  try {
    return format(...given);
  } catch {
    const plain = given.map((value) => values.plain(value) ?? unserializable);
    const rest = plain.slice(1);
    try {
      return typeof given[0] === 'string' ? format(given[0], ...rest) : format(...plain);
    } catch {
      // Plain data may still have a property named `toString`.
      const texts = (typeof given[0] === 'string' ? [given[0], ...rest] : plain).map((value) =>
        typeof value === 'string' ? value : JSON.stringify(value),
      );
      return texts.join(' ');
    }
  }
}

function fieldsOf(
  info: LogInfo,
  metas: readonly object[],
  context: Context | undefined,
  thrown: Error | undefined,
  reserved: ReservedFields,
  values: LineValues,
): Record<string, unknown> {
  const fields = fieldsOfContext(context, values);
  addFields(fields, info, keysOf(info), thrown, reserved, values);
  for (const meta of metas) addFields(fields, meta as LogInfo, keysOf(meta), thrown, reserved, values);
  return fields;
}

function fieldsOfContext(context: Context | undefined, values: LineValues): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const contextFields = contextFieldsOf(context);
  if (contextFields !== undefined) {
    for (const key of Object.keys(contextFields)) {
      setOwn(fields, key, values.field(key, contextFields[key]));
    }
  }
  return fields;
}

function addFields(
  fields: Record<string, unknown>,
  holder: LogInfo,
  keys: readonly string[],
  thrown: Error | undefined,
  reserved: ReservedFields,
  values: LineValues,
): void {
  for (const key of keys) {
    if (key === 'level' || key === 'message') continue;
    if (!values.hasRoomFor(key)) {
      fields['…'] = '[more]';
      continue;
    }
    const given = readField(holder, key);
    if (thrown !== undefined && (given === thrown || isCopiedFrom(thrown, key, given))) continue;
    const value = values.field(key, given);
    if (value !== undefined) setOwn(fields, reserved.has(key) ? `exported_${key}` : key, value);
  }
}

function keysOf(holder: object): string[] {
  try {
    return Object.keys(holder);
  } catch {
    return [];
  }
}

function readField(info: LogInfo, key: string): unknown {
  try {
    return info[key];
  } catch {
    return unserializable;
  }
}

/** winston copies the members of an error argument onto the line, where they would be written twice. */
function isCopiedFrom(thrown: Error, key: string, value: unknown): boolean {
  try {
    return (
      (key === 'name' || key === 'stack' || Object.hasOwn(thrown, key)) && Reflect.get(thrown, key) === value
    );
  } catch {
    return false;
  }
}

const maxDepth = 5;
const maxErrors = 10;

export function describeError(error: Error, values: LineValues): LoggedError {
  const code = propertyOf(error, 'code');
  return {
    type: errorType(error),
    message: values.text(errorMessage(error) ?? (isMessageUnreadable(error) ? unserializable : '')),
    stack: stackOf(error, values),
    code: typeof code === 'string' ? values.text(code) : typeof code === 'number' ? code : undefined,
  };
}

function isMessageUnreadable(error: Error): boolean {
  try {
    return typeof error.message !== 'string';
  } catch {
    return true;
  }
}

function stackOf(error: Error, values: LineValues): string | undefined {
  try {
    return error.stack === undefined ? undefined : values.text(fullStack(error, 0));
  } catch {
    return undefined;
  }
}

/** The stack with those of its causes, and of the errors that an AggregateError holds. */
function fullStack(error: unknown, depth: number): string {
  if (!isError(error)) return format(error);
  let text = String(error.stack ?? `${errorType(error)}: ${error.message}`);
  if (depth >= maxDepth) return text;
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors)) {
    for (const [index, one] of errors.slice(0, maxErrors).entries()) {
      text += `\nError ${index + 1} of ${errors.length}: ${fullStack(one, depth + 1)}`;
    }
  }
  if (error.cause !== undefined) text += `\nCaused by: ${fullStack(error.cause, depth + 1)}`;
  return text;
}
