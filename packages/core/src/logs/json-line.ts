import { flagsText } from '../context/trace-parent.js';
import type { LogRecord } from './log-record.js';
import { isPlainAscii } from './plain-ascii.js';

/** The names that a line may have in addition to the caller's fields. */
export const lineFields = ['timestamp', 'trace_id', 'span_id', 'trace_flags'] as const;

/**
 * Makes the writer of JSON lines: one object per line, `trace_id`, `span_id` and `trace_flags` under
 * OpenTelemetry's names for formats other than OTLP.
 * https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
 */
export function createJsonLine(identity: Readonly<Record<string, string>>): (record: LogRecord) => string {
  let identityText = '';
  for (const [name, value] of Object.entries(identity)) identityText += `,"${name}":${JSON.stringify(value)}`;

  return (record) => {
    let line = `{"timestamp":"${isoTime(record.unixMillis)}","level":${quoted(record.level)},"message":${quoted(record.message)}`;
    const { spanContext, error, fields } = record;
    if (spanContext) {
      line += `,"trace_id":"${spanContext.traceId}","span_id":"${spanContext.spanId}","trace_flags":"${flagsText(spanContext.traceFlags)}"`;
    }
    line += identityText;
    for (const name in fields) if (Object.hasOwn(fields, name)) line += field(name, fields[name]);
    if (error) {
      line += `,"error.type":${JSON.stringify(error.type)},"error.message":${quoted(error.message)}`;
      if (error.code !== undefined) line += `,"error.code":${JSON.stringify(error.code)}`;
      if (error.stack !== undefined) line += `,"error.stack":${quoted(error.stack)}`;
    }
    return `${line}}`;
  };
}

const noSecond = Number.NaN;
let writtenSecond = noSecond;
let writtenBegin = '';

/** As `toISOString` writes it; all but the milliseconds is made once per second. */
function isoTime(unixMillis: number): string {
  const second = Math.floor(unixMillis / 1000);
  if (second !== writtenSecond) {
    writtenBegin = new Date(second * 1000).toISOString().slice(0, -4);
    writtenSecond = second;
  }
  const millis = unixMillis - second * 1000;
  return `${writtenBegin}${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`;
}

/** The values of a record are plain data already. */
function field(name: string, value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean'
    ? `,${quoted(name)}:${value}`
    : `,${quoted(name)}:${typeof value === 'string' ? quoted(value) : escaped(JSON.stringify(value))}`;
}

function quoted(text: string): string {
  // The test first: most texts are written as they are.
  return isPlainAscii(text) || !needsEscape.test(text) ? `"${text}"` : escaped(JSON.stringify(text));
}

/** What JSON escapes, and {@link hasLineSeparator}. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
const needsEscape = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

function escaped(json: string): string {
  return hasLineSeparator.test(json) ? json.replace(lineSeparators, escapeCharacter) : json;
}

/** JSON lets these through, but some readers take them for line ends, and some terminals for commands. */
const hasLineSeparator = /[\u007f-\u009f\u2028\u2029]/;
const lineSeparators = /[\u007f-\u009f\u2028\u2029]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
