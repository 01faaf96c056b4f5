import { callingContext, correlation, textSuffix, traceFields } from './correlation.js';
import { callContext } from './log-record.js';
import { wrapMethod } from './wrap-method.js';

type Format = (this: unknown, ...args: unknown[]) => unknown;

/** NestJS's ConsoleLogger, or its prototype. `getJsonLogObject` came with version 11. */
export interface NestLoggerLike {
  formatMessage: Format;
  getJsonLogObject?: Format;
}

export function isNestLogger(logger: object): logger is NestLoggerLike {
  return (
    typeof Reflect.get(logger, 'formatMessage') === 'function' &&
    typeof Reflect.get(logger, 'printMessages') === 'function'
  );
}

/** Text lines get the fields at their end, JSON lines as members. @returns removes the patch */
export function correlateNest(owner: NestLoggerLike): () => void {
  const undos = [
    wrapMethod(
      owner,
      'formatMessage',
      finished((line, [level, message, , , context]) => {
        copyLine(level, message, /\[([^[\]]+)\]/.exec(String(context))?.[1]);
        if (typeof line !== 'string') return line;
        const suffix = textSuffix();
        const end = line.endsWith('\n') ? line.length - 1 : line.length;
        return suffix === '' ? line : `${line.slice(0, end)}${suffix}${line.slice(end)}`;
      }),
    ),
    wrapMethod(
      owner as Required<NestLoggerLike>,
      'getJsonLogObject',
      finished((object, [message, options]) => {
        const { logLevel, context } = (options ?? {}) as { logLevel?: unknown; context?: unknown };
        copyLine(logLevel, message, context);
        return { ...(object as object), ...without(traceFields(), object as object) };
      }),
    ),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

function without(fields: Record<string, string> | undefined, object: object): Record<string, string> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !(name in object)));
}

function finished(finish: (result: unknown, args: unknown[]) => unknown) {
  return (original: Format): Format =>
    function format(this: unknown, ...args) {
      return finish(Reflect.apply(original, this, args), args);
    };
}

function copyLine(level: unknown, message: unknown, context: unknown): void {
  const { copy } = correlation();
  copy?.({
    level: level === 'log' ? 'info' : String(level),
    message,
    ...(context ? { context } : {}),
    [callContext]: callingContext(),
  });
}
