import { ROOT_CONTEXT } from '@opentelemetry/api';
import { type AnyValue, type Logger as OtlpLogger, SeverityNumber } from '@opentelemetry/api-logs';
import TransportStream from 'winston-transport';
import type { LogInfo, LogRecord } from './log-record.js';

/** https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings */
const severityByLevel: Readonly<Record<string, SeverityNumber>> = {
  error: SeverityNumber.ERROR,
  warn: SeverityNumber.WARN,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG3,
  verbose: SeverityNumber.DEBUG2,
  debug: SeverityNumber.DEBUG,
  silly: SeverityNumber.TRACE,
};

/** Sends every line as an OTLP log record; the resource carries the identity. */
export class OtlpTransport extends TransportStream {
  constructor(
    private readonly otlp: OtlpLogger,
    private readonly recordOf: (info: LogInfo) => LogRecord,
  ) {
    super();
  }

  override log(info: LogInfo, next: () => void): void {
    const { timestamp, level, message, context, error, fields } = this.recordOf(info);
    const attributes: Record<string, AnyValue> = {};
    for (const [name, value] of Object.entries(fields)) attributes[name] = toAnyValue(value, 0);
    if (error) {
      attributes['exception.type'] = error.type;
      attributes['exception.message'] = error.message;
      if (error.stack !== undefined) attributes['exception.stacktrace'] = error.stack;
      if (error.code !== undefined) attributes['error.code'] = error.code;
    }
    this.otlp.emit({
      timestamp,
      severityNumber: severityByLevel[level] ?? SeverityNumber.UNSPECIFIED,
      severityText: level,
      body: message,
      attributes,
      context: context ?? ROOT_CONTEXT,
    });
    next();
  }
}

function toAnyValue(value: unknown, depth: number): AnyValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'undefined':
      return undefined;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return value;
      if (depth >= 6) return '[Object]';
      if (Array.isArray(value)) return value.map((entry) => toAnyValue(entry, depth + 1));
      return Object.fromEntries(
        Object.entries(value).map(([name, entry]) => [name, toAnyValue(entry, depth + 1)]),
      );
    default:
      return String(value);
  }
}
