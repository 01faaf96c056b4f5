import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ObservabilityError } from '../model/errors.js';
import { nearestName } from '../model/nearest-name.js';

/**
 * How a command ends:
 * - `ok`: done, and nothing to complain about.
 * - `found`: done, and something to complain about was found and listed.
 * - `failed`: called wrongly, or what it needs could not be had; the command did not do its work.
 */
export const exitCodes = { ok: 0, found: 1, failed: 2 } as const;

/** What a command talks to. Results go to `out`, problems to `problem`. */
export interface CommandIo {
  /** Writes a line of the result to stdout. */
  out(line: string): void;
  /** Writes a line about a problem, or about what goes on, to stderr. */
  problem(line: string): void;
  /** Reads stdin to its end. */
  input(): Promise<string>;
  /** Asks a person for a yes; undefined where there is none to ask, because stdin is not a terminal. */
  confirm(question: string): Promise<boolean | undefined>;
  /** The text in a style where the reader is a terminal that shows colours (NO_COLOR is respected), else plain. */
  style(style: TextStyle, text: string): string;
  /** Characters that a line should have at most. */
  readonly width: number;
  /** Folder that relative paths start from. */
  readonly folder: string;
}

export type TextStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** One command of `throughline`: the default export of a file in this folder. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** All that `throughline <name> --help` prints: the call, the options, an example. */
  readonly usage: string;
  /**
   * Does the work. An {@link ObservabilityError} that it throws is printed with its fix and ends the command with
   * `failed`; so is anything else, as a defect.
   *
   * @param args what stands behind the command's name
   * @returns one of {@link exitCodes}
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** Loads the commands by name. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>;

/**
 * Parses a command's arguments by `node:util`.
 *
 * @throws {@link ObservabilityError} `OBS_COMMAND_INVALID`, with the nearest option where one is misspelled
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

/** The error for a command line that cannot be understood. */
export function commandInvalid(detail: string): ObservabilityError {
  return new ObservabilityError('OBS_COMMAND_INVALID', /[.?]$/.test(detail) ? detail : `${detail}.`);
}

function firstSentence(text: string): string {
  return text.split(/\.\s/, 1)[0] ?? text;
}
