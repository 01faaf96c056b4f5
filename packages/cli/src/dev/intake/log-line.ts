import { stripVTControlCharacters } from 'node:util';
import {
  type Attributes,
  type AttributeValue,
  type LogChannel,
  type LogLevel,
  type LogRecord,
  logLevels,
} from '../model/telemetry.js';
import { emptyAttributes } from './attributes.js';
import { levelOfText } from './otlp-items.js';

/** Longer lines are cut. */
export const maxLineLength = 64 * 1024;

const messageFields = ['message', 'msg', 'event', 'body'];
const levelFields = ['level', 'severity', 'lvl', 'levelname', 'log.level'];
const timeFields = ['timestamp', 'time', '@timestamp', 'ts', 'asctime'];
const traceFields = ['trace_id', 'traceId', 'trace.id', 'traceid'];
const spanFields = ['span_id', 'spanId', 'span.id', 'spanid'];
const serviceFields = ['service_name', 'service.name'];

/** Where a line was written. */
export interface LineSource {
  readonly serviceName: string;
  readonly channel: LogChannel;
  /** When it was read, for lines without a time. */
  readonly readMillis: number;
}

/**
 * Reads a line of a service's output. JSON objects of any logger become records with their fields; every other line is
 * a record whose message is the line.
 */
export function readLogLine(line: string, { serviceName, channel, readMillis }: LineSource): LogRecord {
  const text = line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line;
  const fields = text.startsWith('{') ? parseObject(text) : undefined;
  if (!fields) {
    return {
      ...{
        timeMillis: readMillis,
        level: undefined,
        message: stripVTControlCharacters(text),
        traceId: undefined,
      },
      ...{ spanId: undefined, serviceName, attributes: emptyAttributes(), channel },
      resourceAttributes: undefined,
    };
  }
  const attributes = emptyAttributes();
  for (const [name, value] of Object.entries(fields)) attributes[name] = value as AttributeValue;
  const take = (names: readonly string[]): unknown => {
    for (const name of names) {
      const value = attributes[name];
      if (value === undefined || value === null || value === '') continue;
      delete attributes[name];
      return value;
    }
    return undefined;
  };
  const message = take(messageFields);
  const traceId = hexId(take(traceFields), 32);
  const spanId = hexId(take(spanFields), 16);
  return {
    timeMillis: timeOf(take(timeFields)) ?? readMillis,
    level: levelOf(take(levelFields)),
    message: message === undefined ? text : typeof message === 'string' ? message : JSON.stringify(message),
    traceId,
    spanId,
    serviceName: String(take(serviceFields) ?? serviceName),
    attributes,
    resourceAttributes: undefined,
    channel,
  };
}

function parseObject(text: string): Attributes | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Attributes) : undefined;
  } catch {
    return undefined;
  }
}

function hexId(value: unknown, digits: number): string | undefined {
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id) ? id : undefined;
}

/** Text in ISO 8601, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970, by its size. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const millis = Date.parse(value);
    return Number.isNaN(millis) ? timeOf(Number(value) || undefined) : millis;
  }
  if (typeof value !== 'number' || !(value > 0)) return undefined;
  if (value < 1e11) return value * 1e3;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1e3 : value / 1e6;
}

/** A name, or a number of pino and bunyan: 10 for trace to 60 for fatal. */
function levelOf(value: unknown): LogLevel | undefined {
  if (typeof value === 'string') return levelOfText(value);
  return typeof value === 'number' ? logLevels[Math.floor(value / 10) - 1] : undefined;
}
