import { format } from 'node:util';
import { type Context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import { SPLAT } from 'triple-beam';
import { contextFieldsOf } from '../context/context-fields.js';
import { errorType } from '../model/foreign-error.js';
import type { LineValues } from './line-values.js';

/** On a line of Throughline itself, which no contract of the service's lines concerns. */
export const ownLine = Symbol.for('throughline.logs.own-line');

/** Under this key a line carries the context of the call that wrote it, however late it is formatted. */
export const callContext = Symbol.for('throughline.logs.call-context');

/** What winston hands through its formats and transports. */
export type LogInfo = Record<string | symbol, unknown>;

/** One line, settled: what every destination writes in its own form. */
export interface LogRecord {
  readonly timestamp: Date;
  readonly level: string;
  readonly message: string;
  readonly context: Context | undefined;
  readonly spanContext: SpanContext | undefined;
  readonly error: LoggedError | undefined;
  /** Whether Throughline itself wrote it. */
  readonly isOwn: boolean;
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
  const spanContext = context && trace.getSpanContext(context);
  const splat = info[SPLAT] as unknown[] | undefined;
  const thrown = thrownValue(info, splat);
  values.begin();
  return {
    timestamp: new Date(),
    level: String(info.level),
    message: values.text(messageOf(info, splat, thrown)),
    context,
    spanContext: spanContext && isSpanContextValid(spanContext) ? spanContext : undefined,
    error: thrown && describeError(thrown, values),
    isOwn: info[ownLine] === true,
    fields: fieldsOf(info, context, thrown, reserved, values),
  };
}

/** The error of a line: the message itself, the argument after it, or a field named `error` or `err`. */
function thrownValue(info: LogInfo, splat: unknown[] | undefined): Error | undefined {
  if (info instanceof Error) return info;
  const argument = splat?.[0];
  if (argument instanceof Error) return argument;
  if (info.error instanceof Error) return info.error;
  if (info.err instanceof Error) return info.err;
  return info.message instanceof Error ? info.message : undefined;
}

function messageOf(info: LogInfo, splat: unknown[] | undefined, thrown: Error | undefined): string {
  const { message } = info;
  if (typeof message !== 'string') {
    if (message instanceof Error) return message.message;
    return message === undefined ? '' : format(message);
  }
  if (splat && splat.length > 0) {
    // winston appends the message of an error argument to the line's own; it has a field of its own here.
    const suffix = thrown && splat[0] === thrown ? ` ${thrown.message}` : '';
    if (suffix !== '' && message.endsWith(suffix)) return message.slice(0, -suffix.length);
    if (/%[sdifjoOc%]/.test(message)) return format(message, ...splat);
  }
  return message;
}

function fieldsOf(
  info: LogInfo,
  context: Context | undefined,
  thrown: Error | undefined,
  reserved: ReservedFields,
  values: LineValues,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const contextFields = contextFieldsOf(context);
  if (contextFields !== undefined) {
    for (const key in contextFields) fields[key] = values.field(key, contextFields[key]);
  }
  for (const key of Object.keys(info)) {
    if (key === 'level' || key === 'message') continue;
    const given = info[key];
    if (thrown !== undefined && (given === thrown || isCopiedFrom(thrown, key, given))) continue;
    const value = values.field(key, given);
    if (value !== undefined) fields[reserved.has(key) ? `exported_${key}` : key] = value;
  }
  return fields;
}

/** winston copies what an error argument has onto the line, where it would stand twice. */
function isCopiedFrom(thrown: Error, key: string, value: unknown): boolean {
  return (
    (key === 'name' || key === 'stack' || Object.hasOwn(thrown, key)) && Reflect.get(thrown, key) === value
  );
}

const maxDepth = 5;
const maxErrors = 10;

export function describeError(error: Error, values: LineValues): LoggedError {
  try {
    const { code } = error as { code?: unknown };
    return {
      type: errorType(error),
      message: values.text(String(error.message)),
      stack: error.stack === undefined ? undefined : values.text(fullStack(error, 0)),
      code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    };
  } catch {
    return { type: '_OTHER', message: '[Unserializable]', stack: undefined, code: undefined };
  }
}

/** The stack with those of its causes, and of the errors that an AggregateError holds. */
function fullStack(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return format(error);
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
