import { inspect } from 'node:util';
import type { LogRecord } from './log-record.js';

const colours: Readonly<Record<string, string>> = {
  emerg: '\u001b[31m',
  alert: '\u001b[31m',
  crit: '\u001b[31m',
  error: '\u001b[31m',
  warn: '\u001b[33m',
  warning: '\u001b[33m',
  notice: '\u001b[32m',
  info: '\u001b[32m',
  http: '\u001b[36m',
  verbose: '\u001b[36m',
  debug: '\u001b[34m',
  silly: '\u001b[35m',
};
const dim = '\u001b[2m';
const reset = '\u001b[0m';

/** A line for a person at a terminal: time, level, message, fields, the trace's id at the end. */
export function createPrettyLine(options: { readonly colour: boolean }): (record: LogRecord) => string {
  const paint = (code: string, text: string) => (options.colour ? `${code}${text}${reset}` : text);
  return ({ unixMillis, level, message, spanContext, error, fields }) => {
    let line = `${paint(dim, clock(new Date(unixMillis)))} ${paint(colours[level] ?? '', printable(level).padEnd(5))} ${printable(message)}`;
    for (const [name, value] of Object.entries(fields)) {
      line += ` ${paint(dim, `${printable(name)}=`)}${printable(shown(value))}`;
    }
    if (spanContext) line += ` ${paint(dim, `trace=${spanContext.traceId}`)}`;
    if (error) {
      const text = error.stack ?? `${error.type}: ${error.message}`;
      // Indented, so that the text of an error cannot look like a separate log line.
      for (const part of text.split('\n')) line += `\n    ${printable(part)}`;
    }
    return line;
  };
}

function clock(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function shown(value: unknown): string {
  if (typeof value !== 'string') return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
  // In quotes if it could be mistaken for another field.
  return value === '' || /[\s="]/.test(value) ? JSON.stringify(value) : value;
}

/**
 * Control characters from input can neither start a new line nor reach the terminal as commands, and those that
 * change the direction of writing cannot make a line read as another.
 */
function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) =>
      ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ??
      `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
