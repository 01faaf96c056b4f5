import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { LEVEL, MESSAGE } from 'triple-beam';
import winston, { type Logger } from 'winston';
import TransportStream from 'winston-transport';
import type { LogLevel } from '../options/log-options.js';
import { createJsonLine, lineFields } from './json-line.js';
import { callContext, type LogInfo, type LogRecord, toLogRecord } from './log-record.js';
import { createPrettyLine } from './pretty-line.js';
import { writeToStdout } from './stdout.js';

const settledRecord = Symbol('throughline.logs.record');

export interface LogOutput {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Whether pretty lines are coloured. */
  readonly colour: boolean;
  /** Labels of the service, written on every JSON line. */
  readonly identity: Readonly<Record<string, string>>;
  /** Where finished lines go; `undefined` writes none. */
  readonly writeLine: ((line: string) => void) | undefined;
}

/** The process's winston logger with the means to change, at init and shutdown, where its lines go. */
export interface ServiceLogger {
  readonly logger: Logger;
  configure(output: LogOutput): void;
  /** Shows every line that is written to a function, until the next `configure`; `undefined` ends it. */
  watch(look: ((record: LogRecord) => void) | undefined): void;
  /** The settled record of a line, for further transports. */
  readonly recordOf: (info: LogInfo) => LogRecord;
}

/** How lines are written before `initObservability`: JSON on stdout, without identity. */
export const outputBeforeInit: LogOutput = {
  level: 'info',
  format: 'json',
  colour: false,
  identity: {},
  writeLine: writeToStdout,
};

/**
 * Creates the logger that the service uses. It is a plain winston logger: formats, transports and child
 * loggers can be added to it as to any other.
 */
export function createServiceLogger(): ServiceLogger {
  let reserved: ReadonlySet<string> = new Set();
  let renderLine: (record: LogRecord) => string = () => '';
  let writeLine: LogOutput['writeLine'];
  let look: ((record: LogRecord) => void) | undefined;
  const render = (record: LogRecord): string => {
    // winston formats lines below the level too.
    if (look && (logger.levels[record.level] ?? 0) <= (logger.levels[logger.level] ?? 0)) look(record);
    return renderLine(record);
  };

  const recordOf = (info: LogInfo): LogRecord => {
    const settled = info[settledRecord] as LogRecord | undefined;
    if (settled) return settled;
    const record = toLogRecord(info, reserved);
    info[settledRecord] = record;
    return record;
  };

  const settle = winston.format((info) => {
    const fields = info as unknown as LogInfo;
    const record = recordOf(fields);
    const { spanContext } = record;
    fields[MESSAGE] = render(record);
    if (spanContext) {
      // For transports that the service adds itself: they see the same fields.
      fields.trace_id = spanContext.traceId;
      fields.span_id = spanContext.spanId;
    }
    return info;
  });

  const stdout = new TransportStream({
    log(info: LogInfo, next: () => void) {
      writeLine?.(info[MESSAGE] as string);
      next();
    },
  });
  const format = settle();
  const logger = winston.createLogger({ format, transports: [stdout], exitOnError: false });

  /** Whether winston's streams would do nothing but hand the line on to stdout: then they need not be gone through. */
  const isPlain = () =>
    (logger as unknown as PipedStream)._readableState.pipes === stdout &&
    logger.format === format &&
    !logger.silent &&
    !stdout.silent &&
    stdout.level === undefined &&
    logger.writableLength === 0 &&
    logger.listenerCount('data') === 1;

  // winston formats a line when its stream gets to it, which may be after other requests have run; the
  // context is the one of the call. Every way to log ends in write, a child logger's as well.
  const write = logger.write.bind(logger) as (...args: unknown[]) => boolean;
  logger.write = ((info: LogInfo, ...rest: unknown[]) => {
    const line = info instanceof Error ? lineOfError(info) : info;
    const active = context.active();
    if (active !== ROOT_CONTEXT && Object.isExtensible(line)) line[callContext] = active;
    const severity = logger.levels[(line[LEVEL] ?? line.level) as string];
    if (severity === undefined || rest.length > 0 || !isPlain()) return write(line, ...rest);
    if (severity <= (logger.levels[logger.level] ?? 0)) writeLine?.(render(toLogRecord(line, reserved)));
    return true;
  }) as typeof logger.write;
  logger.child = function child(this: Logger, defaults: Record<string, unknown>) {
    const logger: Logger = Object.create(this);
    logger.write = ((info: LogInfo, ...rest: unknown[]) =>
      Reflect.apply(this.write, this, [
        Object.assign({}, defaults, info instanceof Error ? lineOfError(info) : info),
        ...rest,
      ])) as typeof logger.write;
    return logger;
  };

  const configure = (output: LogOutput) => {
    reserved = new Set([...lineFields, ...Object.keys(output.identity)]);
    renderLine =
      output.format === 'json'
        ? createJsonLine(output.identity)
        : createPrettyLine({ colour: output.colour });
    writeLine = output.writeLine;
    look = undefined;
    logger.level = output.level;
  };
  configure(outputBeforeInit);
  const watch = (next: typeof look) => {
    look = next;
  };
  return { logger, configure, watch, recordOf };
}

/** What winston's logger has of its stream, which its types leave out. */
interface PipedStream {
  /** The one transport, or a list of several. */
  readonly _readableState: { readonly pipes: unknown };
}

/** `logger.error(error)` hands over the error itself; the line must not write to it, nor lose its class. */
function lineOfError(error: LogInfo & Error): LogInfo {
  return { level: error.level, [LEVEL]: error[LEVEL], message: error.message, error };
}
