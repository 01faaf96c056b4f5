import { types } from 'node:util';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { LEVEL, MESSAGE, SPLAT } from 'triple-beam';
import winston, { type Logger } from 'winston';
import TransportStream from 'winston-transport';
import { errorMessage, isError, propertyOf, readableCopy } from '../model/foreign-error.js';
import { type LogLevel, levelOrder } from '../model/log-level.js';
import { childLevels } from './child-levels.js';
import { createJsonLine, lineFields } from './json-line.js';
import type { LineGate } from './line-gate.js';
import { createLineValues, type LineValueSettings, type LineValues, unserializable } from './line-values.js';
import { callContext, type LogInfo, type LogRecord, recordOfFields, toLogRecord } from './log-record.js';
import { createPrettyLine } from './pretty-line.js';
import { writeToStderr, writeToStdout } from './standard-streams.js';

const settledRecord = Symbol('throughline.logs.record');
/** Marks the logger of this package, which already adds the trace. */
export const processLoggerMark = Symbol.for('throughline.logs.service-logger');

export interface LogOutput extends LineValueSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Whether pretty lines are coloured. */
  readonly colour: boolean;
  /** Labels of the service, written on every JSON line. */
  readonly identity: Readonly<Record<string, string>>;
  /** Where finished lines go; `undefined` writes none. */
  readonly writeLine: ((line: string) => void) | undefined;
  /** Where finished lines of Throughline itself go. */
  readonly writeSdkLine: ((line: string) => void) | undefined;
}

/** A further destination of lines, with its own format. */
export type LogDestinationWriter = (record: LogRecord) => void;

/** The winston logger of the process, and functions that change at init and shutdown where its lines go. */
export interface ProcessLogger {
  readonly logger: Logger;
  configure(output: LogOutput): void;
  /** @returns removes it */
  addDestination(write: LogDestinationWriter): () => void;
  /** Lines pass through it before they are written; `undefined` lets all of them pass. */
  setGate(gate: LineGate | undefined): void;
  /** Writes a settled line to every destination. */
  deliver(record: LogRecord): void;
  /** Sets a separate level for children of a name; `undefined` removes it. */
  setChildLevel(name: string, level: LogLevel | undefined): void;
  /** The record of another logger's line, with the same care for its values. */
  recordOf(info: LogInfo): LogRecord;
}

/** How lines are written before `initObservability`: JSON on stdout, without identity. */
export const outputBeforeInit: LogOutput = {
  level: 'info',
  format: 'json',
  colour: false,
  identity: {},
  redact: [],
  maxFieldLength: 16_384,
  writeLine: writeToStdout,
  writeSdkLine: writeToStderr,
};

/**
 * Creates the logger that the service uses. It is a plain winston logger: formats, transports and child
 * loggers can be added to it as to any other.
 */
export function createProcessLogger(): ProcessLogger {
  let reserved: ReadonlySet<string> = new Set();
  let values: LineValues;
  let renderLine: (record: LogRecord) => string = () => '';
  let writeLine: LogOutput['writeLine'];
  let writeSdkLine: LogOutput['writeLine'];
  let gate: LineGate | undefined;
  let destinations: readonly LogDestinationWriter[] = [];
  const levelsOfChildren = childLevels();

  const recordOf = (info: LogInfo): LogRecord => {
    const settled = info[settledRecord] as LogRecord | undefined;
    if (settled) return settled;
    const record = toLogRecord(info, reserved, values);
    info[settledRecord] = record;
    return record;
  };
  const deliver = (record: LogRecord) => {
    (record.isSdkLine ? writeSdkLine : writeLine)?.(renderLine(record));
    for (const write of destinations) write(record);
  };

  const settle = winston.format((info) => {
    const fields = info as unknown as LogInfo;
    const record = recordOf(fields);
    const { spanContext } = record;
    fields[MESSAGE] = renderLine(record);
    if (spanContext) {
      // For transports that the service adds itself: they see the same fields.
      fields.trace_id = spanContext.traceId;
      fields.span_id = spanContext.spanId;
    }
    return info;
  });

  const transport = new TransportStream({
    log(info: LogInfo, next: () => void) {
      if (isEnabled(info, logger.levels[info[LEVEL] as string]) && (!gate || gate.admit(info, recordOf))) {
        deliver(recordOf(info));
      }
      next();
    },
  });
  const format = settle();
  const logger = winston.createLogger({
    levels: { ...levelOrder },
    format,
    transports: [transport],
    exitOnError: false,
  });
  Object.defineProperty(logger, processLoggerMark, { value: true });

  /** Whether winston's streams would only pass the line on to the transport here. They can then be skipped. */
  const isPlain = () =>
    (logger as unknown as PipedStream)._readableState.pipes === transport &&
    logger.format === format &&
    !logger.silent &&
    !transport.silent &&
    transport.level === levelsOfChildren.mostVerbose &&
    logger.writableLength === 0 &&
    logger.listenerCount('data') === 1;

  const isEnabled = (info: LogInfo, severity: number | undefined) =>
    severity !== undefined &&
    severity <= (levelsOfChildren.thresholdFor(info) ?? logger.levels[logger.level] ?? 0);

  // winston formats a line when its stream gets to it, which may be after other requests have run; the
  // context is the one of the call. Every way to log ends in write, a child logger's as well.
  const write = logger.write.bind(logger) as (...args: unknown[]) => boolean;
  logger.write = ((info: LogInfo, ...rest: unknown[]) => {
    let line = isError(info) ? lineOfError(info) : info;
    // A Proxy may answer with anything to what is looked for below.
    if (!Object.isExtensible(line) || types.isProxy(line)) line = readableCopy(line, unserializable);
    const active = context.active();
    if (active !== ROOT_CONTEXT) line[callContext] = active;
    // An object that is logged again is a new line each time.
    else if (line[callContext] !== undefined) line[callContext] = undefined;
    if (line[settledRecord] !== undefined) line[settledRecord] = undefined;
    writes++;
    const severity = logger.levels[(line[LEVEL] ?? line.level) as string];
    if (severity === undefined || rest.length > 0 || !isPlain()) return write(line, ...rest);
    if (!isEnabled(line, severity)) return true;
    if (gate && !gate.admit(line, settleNow)) return true;
    deliver(settleNow(line));
    return true;
  }) as typeof logger.write;
  const ownWrite = logger.write;
  let ownLog: unknown;

  /**
   * Writes the line of the usual call at once, without the objects that winston makes on the way.
   *
   * @returns whether it did; all other calls take the way through winston
   */
  const writtenAtOnce = (level: string, args: readonly unknown[]): boolean => {
    const [message, given] = args;
    if (typeof message !== 'string' || args.length > 2) return false;
    if (args.length === 2 && (!isPlainObject(given) || message.includes('%'))) return false;
    const severity = logger.levels[level];
    if (
      severity === undefined ||
      gate !== undefined ||
      levelsOfChildren.mostVerbose !== undefined ||
      logger.write !== ownWrite ||
      logger.log !== ownLog ||
      logger.defaultMeta ||
      !isPlain()
    ) {
      return false;
    }
    if (severity > (logger.levels[logger.level] ?? 0)) return true;
    const active = context.active();
    const record = recordOfFields(
      level,
      message,
      given as object | undefined,
      active === ROOT_CONTEXT ? undefined : active,
      reserved,
      values,
    );
    if (record === undefined) return false;
    deliver(record);
    return true;
  };

  /** How many lines have reached `write`. */
  let writes = 0;
  // winston reads the caller's values (and writes to them) before it writes the line: a getter, a revoked Proxy or a
  // frozen Error would throw into the code that logs.
  const withAnyValue = (name: string, log: LogMethod, level: string | undefined) => {
    const logSafely: LogMethod = function (this: Logger | undefined, ...args) {
      if (level !== undefined && (this === logger || this === undefined) && writtenAtOnce(level, args)) {
        return logger;
      }
      const writeReadable = () => {
        const target = this ?? logger;
        const line = level === undefined ? lineOf(args[0], args.slice(1)) : lineOf(level, args);
        target.write(line as never);
        return target;
      };
      // A Proxy takes what winston writes to it, level and all, and may answer with something else.
      if (types.isProxy(args[level === undefined ? 1 : 0])) return writeReadable();
      const before = writes;
      try {
        return Reflect.apply(log, this, args);
      } catch (error) {
        // The line was written: it was a transport or a format of the service that failed.
        if (writes !== before) throw error;
        return writeReadable();
      }
    };
    Object.defineProperty(logger, name, { value: logSafely, configurable: true, writable: true });
  };
  withAnyValue('log', logger.log as LogMethod, undefined);
  ownLog = logger.log;
  for (const level of Object.keys(levelOrder)) {
    withAnyValue(level, logger[level as LogLevel] as LogMethod, level);
  }
  const settleNow = (info: LogInfo) => toLogRecord(info, reserved, values);

  logger.child = function child(this: Logger, defaults: Record<string, unknown>) {
    const logger: Logger = Object.create(this);
    const mark = levelsOfChildren.markOf(defaults);
    logger.write = ((info: LogInfo, ...rest: unknown[]) =>
      Reflect.apply(this.write, this, [
        Object.assign({}, mark, readable(defaults), isError(info) ? lineOfError(info) : info),
        ...rest,
      ])) as typeof logger.write;
    return logger;
  };

  const configure = (output: LogOutput) => {
    reserved = new Set([...lineFields, ...Object.keys(output.identity)]);
    values = createLineValues(output);
    renderLine =
      output.format === 'json'
        ? createJsonLine(output.identity)
        : createPrettyLine({ colour: output.colour });
    writeLine = output.writeLine;
    writeSdkLine = output.writeSdkLine;
    logger.level = output.level;
  };
  configure(outputBeforeInit);
  return {
    logger,
    configure,
    deliver,
    recordOf: settleNow,
    addDestination(writer) {
      destinations = [...destinations, writer];
      return () => {
        destinations = destinations.filter((other) => other !== writer);
      };
    },
    setGate(next) {
      gate = next;
    },
    setChildLevel(name, level) {
      const before = levelsOfChildren.mostVerbose;
      levelsOfChildren.set(name, level);
      // winston asks the transport's level first: lines of the child must get that far.
      if (transport.level === before) Object.assign(transport, { level: levelsOfChildren.mostVerbose });
    },
  };
}

type LogMethod = (...args: unknown[]) => unknown;

/** An object literal. A Proxy may answer with something else each time. */
function isPlainObject(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !types.isProxy(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** The line of a call whose values cannot be read as they are. */
function lineOf(level: unknown, args: readonly unknown[]): LogInfo {
  const [first, ...splat] = args;
  // log({ level, message, … })
  if (typeof level === 'object' && level !== null) {
    const line = readableCopy(level, unserializable);
    return { ...line, [LEVEL]: line.level };
  }
  if (isError(first)) {
    return {
      level,
      [LEVEL]: level,
      [SPLAT]: splat,
      message: errorMessage(first) ?? unserializable,
      error: first,
    };
  }
  const isObject = typeof first === 'object' && first !== null;
  const [meta] = splat;
  const fields = isObject ? first : typeof meta === 'object' && meta !== null && !isError(meta) ? meta : {};
  return {
    ...readableCopy(fields, unserializable),
    level,
    [LEVEL]: level,
    [SPLAT]: splat,
    message: isObject ? (propertyOf(first, 'message') ?? unserializable) : first,
  };
}

function readable(source: Record<string, unknown>): Record<string, unknown> {
  try {
    return { ...source };
  } catch {
    return readableCopy(source, unserializable);
  }
}

/** What winston's logger has of its stream, which its types leave out. */
interface PipedStream {
  /** The one transport, or a list of several. */
  readonly _readableState: { readonly pipes: unknown };
}

/** `logger.error(error)` hands over the error itself; the line must not write to it, nor lose its class. */
function lineOfError(error: LogInfo & Error): LogInfo {
  const level = propertyOf(error, 'level');
  return {
    level,
    [LEVEL]: propertyOf(error, LEVEL) ?? level,
    message: errorMessage(error) ?? unserializable,
    error,
  };
}
