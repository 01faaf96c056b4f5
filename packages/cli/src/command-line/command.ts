import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '@throughline/core/internal';
import { CommandError } from './errors.js';

/**
 * How a command ends:
 * - `ok`: it is done, and found no problem.
 * - `found`: it is done, and has listed the problems that it found.
 * - `failed`: the call was wrong, or an input could not be read; the command did not do its work.
 */
export const exitCodes = { ok: 0, found: 1, failed: 2 } as const;

/** What a command talks to. Results go to `out`, problems to `problem`. */
export interface CommandIo {
  /** Writes a line of the result to stdout. */
  out(line: string): void;
  /** Writes a line about a problem or about progress to stderr. */
  problem(line: string): void;
  /** Reads stdin to its end. */
  input(): Promise<string>;
  /** Asks the user for confirmation; undefined if stdin is not a terminal, because then there is no user to answer. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Asks the user for a text; undefined if stdin is not a terminal. An empty answer is `''`. */
  ask(question: string): Promise<string | undefined>;
  /** The text in a style if stdout is a terminal that shows colours (NO_COLOR is respected), else the plain text. */
  style(style: TextStyle, text: string): string;
  /** Longest line to write, in characters. */
  readonly width: number;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

export type TextStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** What a command's `command.ts` exports as default. */
export interface Command {
  /** All that `throughline <name> --help` prints: the call, the options, examples, exit codes. */
  readonly usage: string;
  /**
   * Runs the command. If it throws an {@link CommandError}, the message and the fix are printed, and the exit
   * code is `failed`. Any other error is printed as a defect of the command.
   *
   * @param args the arguments after the command's name
   * @returns one of {@link exitCodes}
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** A command in the list. */
export interface CommandEntry {
  readonly name: string;
  /** One line for `throughline --help`. */
  readonly summary: string;
  load(): Promise<Command>;
}

/**
 * Parses a command's arguments with `node:util`.
 *
 * @throws CommandError `OBS_COMMAND_INVALID`; for a misspelled option it names the nearest one
 */
export function parseOptions<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw commandInvalid(firstSentence(message));
    const unknown = /'(-[^' ]*)/.exec(message)?.[1] ?? '';
    const nearest = nearestName(unknown.replace(/^-+/, ''), Object.keys(options));
    throw commandInvalid(
      `Unknown option '${unknown}'${nearest === undefined ? '' : `; did you mean '--${nearest}'?`}`,
    );
  }
}

/** The error for a command line that is wrong. */
export function commandInvalid(detail: string): CommandError {
  return new CommandError('OBS_COMMAND_INVALID', /[.?]$/.test(detail) ? detail : `${detail}.`);
}

function firstSentence(text: string): string {
  return text.split(/\.\s/, 1)[0] ?? text;
}
