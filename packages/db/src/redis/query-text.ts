import type { QueryTextOptions } from '../client/query-text-options.js';
import type { KeyPositions, RedisCommand } from './command-table.js';

export interface BatchedCommand {
  readonly command: RedisCommand;
  readonly args: readonly unknown[];
  /** Index of the first argument in `args`. */
  readonly offset: number;
}

/**
 * A command as the Redis CLI would take it, its keys shown and every other argument a `?`; in raw mode all
 * arguments, but never those of AUTH and its like.
 *
 * @param offset index of the first argument in `args`
 */
export function commandText(
  command: RedisCommand,
  args: readonly unknown[],
  offset: number,
  { queryText, maxQueryTextLength }: QueryTextOptions,
): string | undefined {
  if (queryText === 'none') return undefined;
  const showsAll = queryText === 'raw' && !command.isSecret;
  const keys = showsAll || !command.keys ? undefined : rangeOf(command.keys, args, offset);
  let text = command.name;
  for (let index = offset; index < args.length && text.length < maxQueryTextLength; index++) {
    const shown =
      showsAll ||
      (keys !== undefined && isKey(keys, index)) ||
      (index === offset && command.hasSubcommand && isWord(args[index]));
    text += ` ${shown ? shownText(args[index], maxQueryTextLength - text.length) : '?'}`;
  }
  return text.length > maxQueryTextLength ? text.slice(0, maxQueryTextLength) : text;
}

const maxCommandsInText = 10;

/** The first commands of a pipeline or transaction. */
export function batchText(
  commands: readonly BatchedCommand[],
  options: QueryTextOptions,
): string | undefined {
  if (options.queryText === 'none') return undefined;
  const max = options.maxQueryTextLength;
  let text = '';
  for (let index = 0; index < commands.length && index < maxCommandsInText && text.length < max; index++) {
    const { command, args, offset } = commands[index] as BatchedCommand;
    if (index > 0) text += '; ';
    text += commandText(command, args, offset, options);
  }
  if (commands.length > maxCommandsInText) text += '; …';
  return text.length > max ? text.slice(0, max) : text;
}

interface KeyRange {
  readonly alone: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function rangeOf(positions: KeyPositions, args: readonly unknown[], offset: number): KeyRange {
  const { alone, first, last = first, step = 1, countAt, halfAfter } = positions;
  const single = alone === undefined ? -1 : offset + alone;
  if (countAt !== undefined) {
    const start = offset + countAt + 1;
    return { alone: single, start, end: start + Number(args[start - 1]) - 1, step };
  }
  if (halfAfter !== undefined) {
    const start = args.findIndex((arg) => typeof arg === 'string' && arg.toUpperCase() === halfAfter) + 1;
    if (start === 0) return { alone: single, start, end: -1, step };
    return { alone: single, start, end: start + Math.ceil((args.length - start) / 2) - 1, step };
  }
  const end = last === undefined ? -1 : last < 0 ? args.length + last : offset + last;
  return { alone: single, start: offset + (first ?? 0), end, step };
}

function isKey({ alone, start, end, step }: KeyRange, index: number): boolean {
  return index === alone || (index >= start && index <= end && (index - start) % step === 0);
}

function isWord(arg: unknown): boolean {
  return typeof arg === 'string' && /^[A-Za-z][A-Za-z-]{0,23}$/.test(arg);
}

function shownText(arg: unknown, maxLength: number): string {
  if (typeof arg === 'string') return arg.length > maxLength ? arg.slice(0, maxLength) : arg;
  if (typeof arg === 'number') return String(arg);
  // A character takes at most 4 bytes.
  if (Buffer.isBuffer(arg)) return arg.toString('utf8', 0, Math.min(arg.length, maxLength * 4));
  return '?';
}
