import { LEVEL } from 'triple-beam';
import { errorMessage, isError, readableCopy } from '../model/foreign-error.js';
import { activeTrace, type CorrelationSettings, callingContext, correlation } from './correlation.js';
import { unserializable } from './line-values.js';
import { callContext, type LogInfo } from './log-record.js';
import { processLoggerMark } from './logger.js';
import { wrapMethod } from './wrap-method.js';

/** A winston 3 logger, or its prototype. */
export interface WinstonLike {
  write(info: LogInfo, ...rest: unknown[]): unknown;
  listenerCount?(event: string): number;
}

/** On a line: the names of the fields that were added, so that they can be updated. */
const added = Symbol.for('throughline.logs.added-fields');

/** On a line: the logger that it was logged with. */
const loggedWith = Symbol.for('throughline.logs.logged-with');

/** Every way to log ends in `write`, before any format or transport sees the line. @returns removes the patch */
export function correlateWinston(logger: WinstonLike): () => void {
  return wrapMethod(writerOf(logger), 'write', (original) => {
    return function write(this: WinstonLike, info, ...rest) {
      if (info !== null && typeof info === 'object' && !(processLoggerMark in this)) {
        try {
          // A line that another logger hands on keeps what it got there: by now another request may be served.
          if (!isHandedOn(this, info)) {
            const { identity, copy } = correlation();
            addFields(info, identity);
            info[loggedWith] = this;
            if (copy) copyLine(this, info, copy);
          }
        } catch {
          // A frozen object, or a getter that throws: the line is written unchanged.
        }
      }
      return rest.length === 0 ? original.call(this, info) : original.call(this, info, ...rest);
    };
  });
}

/** A child has a `write` that cannot be replaced, and hands its lines to the logger that it was made from. */
function writerOf(logger: WinstonLike): WinstonLike {
  const descriptor = Object.getOwnPropertyDescriptor(logger, 'write');
  const isFixed = descriptor !== undefined && !descriptor.configurable && !descriptor.writable;
  return isFixed ? writerOf(Object.getPrototypeOf(logger) as WinstonLike) : logger;
}

/**
 * Whether the line comes from another logger, of which this one is a transport or the end of a pipe, not from the
 * service.
 */
function isHandedOn(logger: WinstonLike, info: LogInfo): boolean {
  const first = info[loggedWith];
  return first !== undefined && first !== logger && isPipeEnd(logger);
}

/** `Readable.pipe` listens for `unpipe` on where it leads to. */
function isPipeEnd(logger: WinstonLike): boolean {
  return (logger.listenerCount?.('unpipe') ?? 0) > 0;
}

const traceNames: readonly string[] = ['trace_id', 'span_id', 'trace_flags'];

function addFields(info: LogInfo, identity: CorrelationSettings['identity']): void {
  // The service may log the same object again, in another request or in none.
  const before = info[added] as readonly string[] | undefined;
  if (before !== undefined) {
    for (const name of before) delete info[name];
    info[added] = undefined;
  }
  const trace = activeTrace();
  if (trace === undefined && identity === undefined) return;
  let names = traceNames;
  // All fields are of one trace: no span of Throughline together with a trace id of the service.
  if (trace !== undefined && info.trace_id === undefined) {
    // In alphabetical order: winston's `json()` sorts the fields, and what is sorted costs least.
    info.span_id = trace.span_id;
    info.trace_flags = trace.trace_flags;
    info.trace_id = trace.trace_id;
  } else names = [];
  if (identity !== undefined) {
    const labels = Object.keys(identity).filter((name) => !(name in info));
    for (const name of labels) info[name] = identity[name];
    names = [...names, ...labels];
  }
  info[added] = names;
}

interface WinstonState {
  readonly silent?: boolean;
  isLevelEnabled?(level: string): boolean;
}

function copyLine(logger: WinstonLike, info: LogInfo, copy: (line: LogInfo) => void): void {
  const { silent, isLevelEnabled } = logger as WinstonState;
  const level = String(info[LEVEL] ?? info.level);
  if (silent || isLevelEnabled?.call(logger, level) === false) return;
  const addedNames = (info[added] as string[] | undefined) ?? [];
  const line: LogInfo = isError(info)
    ? { level, message: errorMessage(info) ?? '', error: info }
    : { ...readableCopy(info, unserializable), level };
  for (const name of addedNames) delete line[name];
  line[callContext] = callingContext();
  copy(line);
}
