import { callingContext, correlated, correlation, textSuffix, traceFields } from './correlation.js';
import { callContext } from './log-record.js';

type Format = ((...args: unknown[]) => unknown) & { [correlated]?: true };

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

/** Text lines get the fields at their end, JSON lines as members. @returns takes it back */
export function correlateNest(owner: NestLoggerLike): () => void {
  const undos = [
    replace(owner, 'formatMessage', (line, [level, message, , , context]) => {
      copyLine(level, message, /\[([^[\]]+)\]/.exec(String(context))?.[1]);
      if (typeof line !== 'string') return line;
      const suffix = textSuffix();
      const end = line.endsWith('\n') ? line.length - 1 : line.length;
      return suffix === '' ? line : `${line.slice(0, end)}${suffix}${line.slice(end)}`;
    }),
    replace(owner, 'getJsonLogObject', (object, [message, options]) => {
      const { logLevel, context } = (options ?? {}) as { logLevel?: unknown; context?: unknown };
      copyLine(logLevel, message, context);
      return { ...(object as object), ...without(traceFields(), object as object) };
    }),
  ];
  return () => {
    for (const undo of undos) undo();
  };
}

function without(fields: Record<string, string> | undefined, object: object): Record<string, string> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !(name in object)));
}

function replace(
  owner: NestLoggerLike,
  name: 'formatMessage' | 'getJsonLogObject',
  finish: (result: unknown, args: unknown[]) => unknown,
): () => void {
  const original = owner[name];
  if (typeof original !== 'function' || original[correlated]) return () => {};
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const format: Format = function format(this: unknown, ...args) {
    return finish(Reflect.apply(original, this, args), args);
  };
  format[correlated] = true;
  Object.defineProperty(owner, name, { value: format, configurable: true, writable: true });
  return () => {
    if (owner[name] !== format) return;
    if (own) Object.defineProperty(owner, name, own);
    else Reflect.deleteProperty(owner, name);
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
