import { SeverityNumber } from '@opentelemetry/api-logs';
import type { LogSink } from '../export/log-queue.js';
import type { LogRecord } from './log-record.js';

/** https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings */
const severityByLevel: Readonly<Record<string, SeverityNumber>> = {
  emerg: SeverityNumber.FATAL,
  fatal: SeverityNumber.FATAL,
  alert: SeverityNumber.ERROR3,
  crit: SeverityNumber.ERROR2,
  error: SeverityNumber.ERROR,
  warning: SeverityNumber.WARN,
  warn: SeverityNumber.WARN,
  notice: SeverityNumber.INFO2,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG3,
  verbose: SeverityNumber.DEBUG2,
  debug: SeverityNumber.DEBUG,
  silly: SeverityNumber.TRACE,
  trace: SeverityNumber.TRACE,
};

/** Sends lines as OTLP log records; the resource carries the identity. */
export function otlpRecords(otlp: LogSink): (record: LogRecord) => void {
  return ({ unixMillis, level, message, spanContext, error, fields }) => {
    // The fields are plain data already, of a form that OTLP has.
    const attributes: Record<string, unknown> = { ...fields };
    if (error) {
      attributes['exception.type'] = error.type;
      attributes['exception.message'] = error.message;
      if (error.stack !== undefined) attributes['exception.stacktrace'] = error.stack;
      if (error.code !== undefined) attributes['error.code'] = error.code;
    }
    otlp.emit({
      unixMillis,
      severityNumber: severityByLevel[level] ?? SeverityNumber.UNSPECIFIED,
      severityText: level,
      body: message,
      attributes,
      spanContext,
    });
  };
}
