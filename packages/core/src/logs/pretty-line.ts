import { inspect } from 'node:util';
import type { LogRecord } from './log-record.js';

const colours: Readonly<Record<string, string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
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
  return ({ timestamp, level, message, spanContext, error, fields }) => {
    let line = `${paint(dim, clock(timestamp))} ${paint(colours[level] ?? '', level.padEnd(5))} ${printable(message)}`;
    for (const [name, value] of Object.entries(fields)) {
      line += ` ${paint(dim, `${printable(name)}=`)}${printable(shown(value))}`;
    }
    if (spanContext) line += ` ${paint(dim, `trace=${spanContext.traceId}`)}`;
    if (error) {
      const text = error.stack ?? `${error.type}: ${error.message}`;
      line += `\n${text.split('\n').map(printable).join('\n')}`;
    }
    return line;
  };
}

function clock(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? value
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
}

/** Control characters from input can neither start a new line nor reach the terminal as commands. */
function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) =>
      ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ??
      `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
