import { callingContext, correlated, correlation, jsonMembers } from './correlation.js';
import { callContext, type LogInfo } from './log-record.js';

type AsJson = ((
  this: PinoLike,
  object: object | undefined,
  message: unknown,
  level: number,
  time: string,
) => string) & {
  [correlated]?: true;
};

interface PinoLike {
  readonly levels?: { readonly labels: Readonly<Record<number, string>> };
  bindings?(): Record<string, unknown>;
  readonly [name: symbol]: unknown;
}

/** pino keeps its inner functions under symbols with these descriptions, in version 8 as in 10. */
function symbolNamed(
  owner: object | null,
  description: string,
): { holder: object; symbol: symbol } | undefined {
  for (let holder = owner; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const symbol = Object.getOwnPropertySymbols(holder).find((one) => one.description === description);
    if (symbol !== undefined) return { holder, symbol };
  }
  return undefined;
}

export function isPino(logger: object): boolean {
  return symbolNamed(logger, 'pino.asJson') !== undefined;
}

/**
 * Puts the fields at the end of the finished line: whatever mixins, formatters, serializers and transports (which
 * get the line as text, in worker threads too) the service has, they do not notice.
 *
 * @param owner a logger, or the prototype of all
 * @returns takes it back
 */
export function correlatePino(owner: object): () => void {
  const found = symbolNamed(owner, 'pino.asJson');
  if (!found) return () => {};
  const { symbol } = found;
  const original = Reflect.get(owner, symbol) as AsJson;
  if (original[correlated]) return () => {};
  const bindingsSymbol = symbolNamed(owner, 'pino.chindings')?.symbol;
  const ownBefore = Object.getOwnPropertyDescriptor(owner, symbol);
  const asJson: AsJson = function asJson(object, message, level, time) {
    const line = original.call(this, object, message, level, time);
    try {
      copyLine(this, object, message, level);
      return withFields(
        this,
        line,
        object,
        level,
        bindingsSymbol ?? symbolNamed(this, 'pino.chindings')?.symbol,
      );
    } catch {
      return line;
    }
  };
  asJson[correlated] = true;
  Object.defineProperty(owner, symbol, { value: asJson, configurable: true, writable: true });
  return () => {
    if (Reflect.get(owner, symbol) !== asJson) return;
    if (ownBefore) Object.defineProperty(owner, symbol, ownBefore);
    else Reflect.deleteProperty(owner, symbol);
  };
}

function withFields(
  logger: PinoLike,
  line: string,
  object: object | undefined,
  level: number,
  bindingsSymbol: symbol | undefined,
): string {
  const bindings = bindingsSymbol === undefined ? '' : String(logger[bindingsSymbol] ?? '');
  const members = jsonMembers(
    (name) => (object != null && name in object) || (bindings !== '' && bindings.includes(`"${name}":`)),
  );
  const label = correlation().levelAsWord ? logger.levels?.labels[level] : undefined;
  if (members === '' && label === undefined) return line;
  const end = line.lastIndexOf('}');
  if (end === -1) return line;
  const start = `{"level":${level},`;
  const head =
    label !== undefined && line.startsWith(start)
      ? `{"level":${JSON.stringify(label)},${line.slice(start.length, end)}`
      : line.slice(0, end);
  return `${head}${members}${line.slice(end)}`;
}

function copyLine(logger: PinoLike, object: object | undefined, message: unknown, level: number): void {
  const { copy } = correlation();
  if (!copy) return;
  const line: LogInfo = {
    ...logger.bindings?.(),
    ...object,
    level: logger.levels?.labels[level] ?? String(level),
    message: message ?? (object as { msg?: unknown } | undefined)?.msg ?? '',
  };
  line[callContext] = callingContext();
  copy(line);
}
