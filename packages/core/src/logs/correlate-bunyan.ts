import { callingContext, correlation, traceFields } from './correlation.js';
import { callContext, type LogInfo } from './log-record.js';
import { wrapMethod } from './wrap-method.js';

type BunyanEmit = (this: BunyanLike, record: Record<string, unknown>, noEmit?: boolean) => unknown;

/** A bunyan logger, or its prototype. */
export interface BunyanLike {
  _emit: BunyanEmit;
  child?(...args: unknown[]): BunyanLike;
}

const words: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Every line is a new record that passes through `_emit`, also for raw streams. @returns removes the patch */
export function correlateBunyan(owner: BunyanLike): () => void {
  return wrapMethod(owner, '_emit', (original) => {
    return function emit(this: BunyanLike, record, noEmit) {
      if (!noEmit) copyLine(record);
      const fields = traceFields();
      for (const name in fields)
        if (Object.hasOwn(fields, name) && !(name in record)) record[name] = fields[name];
      const word = words[record.level as number];
      if (correlation().levelAsWord && word !== undefined) {
        // Streams compare the number; only the text has the word.
        Object.defineProperty(record, 'toJSON', {
          value: () => ({ ...record, level: word }),
          configurable: true,
        });
      }
      return original.call(this, record, noEmit);
    };
  });
}

/** One logger and its children, which bunyan makes from the class and not from their parent. */
export function correlateBunyanLogger(logger: BunyanLike): void {
  correlateBunyan(logger);
  const { child } = logger;
  if (Object.hasOwn(logger, 'child') || !Object.hasOwn(logger, '_emit') || !child) return;
  const correlatedChild = (...args: unknown[]) => {
    const made = child.apply(logger, args);
    correlateBunyanLogger(made);
    return made;
  };
  Object.defineProperty(logger, 'child', { value: correlatedChild, configurable: true, writable: true });
}

function copyLine(record: Record<string, unknown>): void {
  const { copy } = correlation();
  if (!copy) return;
  const { msg, level, v: _version, time: _time, ...fields } = record;
  const line: LogInfo = { ...fields, level: words[level as number] ?? String(level), message: msg };
  line[callContext] = callingContext();
  copy(line);
}
