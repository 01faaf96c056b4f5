import { LEVEL } from 'triple-beam';
import { errorMessage, isError, readableCopy } from '../model/foreign-error.js';
import { activeTrace, callingContext, correlation } from './correlation.js';
import { unserializable } from './line-values.js';
import { callContext, type LogInfo } from './log-record.js';
import { processLoggerMark } from './logger.js';
import { wrapMethod } from './wrap-method.js';

/** A winston 3 logger, or its prototype. */
export interface WinstonLike {
  write(info: LogInfo, ...rest: unknown[]): unknown;
}

/** On a line: the names of the fields that were added, so that they can be updated. */
const added = Symbol.for('throughline.logs.added-fields');

/** Every way to log ends in `write`, before any format or transport sees the line. @returns removes the patch */
export function correlateWinston(owner: WinstonLike): () => void {
  return wrapMethod(owner, 'write', (original) => {
    return function write(this: WinstonLike, info, ...rest) {
      if (info !== null && typeof info === 'object' && !(processLoggerMark in this)) {
        try {
          addFields(info);
          copyLine(this, info);
        } catch {
          // A frozen object, or a getter that throws: the line is written unchanged.
        }
      }
      return rest.length === 0 ? original.call(this, info) : original.call(this, info, ...rest);
    };
  });
}

const traceNames: readonly string[] = ['trace_id', 'span_id', 'trace_flags'];

function addFields(info: LogInfo): void {
  // The service may log the same object again, in another request or in none.
  const before = info[added] as readonly string[] | undefined;
  if (before !== undefined) {
    for (const name of before) delete info[name];
    info[added] = undefined;
  }
  const trace = activeTrace();
  const { identity } = correlation();
  if (trace === undefined && identity === undefined) return;
  let names = traceNames;
  // All fields are of one trace: no span of Throughline together with a trace id of the service.
  if (trace !== undefined && info.trace_id === undefined) {
    info.trace_id = trace.trace_id;
    info.span_id = trace.span_id;
    info.trace_flags = trace.trace_flags;
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

function copyLine(logger: WinstonLike, info: LogInfo): void {
  const { copy } = correlation();
  if (!copy) return;
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
