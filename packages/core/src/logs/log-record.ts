import { format } from 'node:util';
import { type Context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import { SPLAT } from 'triple-beam';
import { errorType } from '../error-type.js';
import { contextFieldsOf } from './context-fields.js';
import { ownLine } from './required-fields.js';

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
  /** The context's fields, then the caller's in the order given. */
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

export function toLogRecord(info: LogInfo, reserved: ReservedFields): LogRecord {
  const context = info[callContext] as Context | undefined;
  const spanContext = context && trace.getSpanContext(context);
  const splat = info[SPLAT] as unknown[] | undefined;
  const thrown = thrownValue(info, splat);
  return {
    timestamp: new Date(),
    level: String(info.level),
    message: messageOf(info, splat, thrown),
    context,
    spanContext: spanContext && isSpanContextValid(spanContext) ? spanContext : undefined,
    error: thrown && describeError(thrown),
    isOwn: info[ownLine] === true,
    fields: { ...contextFieldsOf(context), ...fieldsOf(info, thrown, reserved) },
  };
}

/** The error of a line: the message itself, the argument after it, or a field named `error` or `err`. */
function thrownValue(info: LogInfo, splat: unknown[] | undefined): Error | undefined {
  if (info instanceof Error) return info;
  for (const candidate of [splat?.[0], info.error, info.err, info.message]) {
    if (candidate instanceof Error) return candidate;
  }
  return undefined;
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
  thrown: Error | undefined,
  reserved: ReservedFields,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(info)) {
    if (key === 'level' || key === 'message') continue;
    const value = info[key];
    if (
      value === undefined ||
      (thrown !== undefined && (value === thrown || isCopiedFrom(thrown, key, value)))
    ) {
      continue;
    }
    fields[reserved.has(key) ? `exported_${key}` : key] = value;
  }
  return fields;
}

/** winston copies what an error argument has onto the line, where it would stand twice. */
function isCopiedFrom(thrown: Error, key: string, value: unknown): boolean {
  return (
    (key === 'name' || key === 'stack' || Object.hasOwn(thrown, key)) && Reflect.get(thrown, key) === value
  );
}

const maxCauses = 5;

export function describeError(error: Error): LoggedError {
  const { code } = error as { code?: unknown };
  let stack = error.stack;
  let cause = error.cause;
  for (let depth = 0; stack !== undefined && cause !== undefined && depth < maxCauses; depth++) {
    stack += `\nCaused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : format(cause)}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return {
    type: errorType(error),
    message: error.message,
    stack,
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
  };
}
