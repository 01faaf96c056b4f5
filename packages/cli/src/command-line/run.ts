import { help, nearestName, type ObservabilityError } from '@throughline/core/internal';
import { type Command, type CommandEntry, type CommandIo, commandInvalid, exitCodes } from './command.js';
import type { CommandError } from './errors.js';
import { version } from './version.js';

/** Of errors that say what to do. */
const names: ReadonlySet<string> = new Set(['ObservabilityError', 'CommandError']);

/**
 * Runs `throughline <command> [options]`.
 *
 * @param args the arguments after `throughline`
 * @returns the exit code; it never rejects
 */
export async function runCommandLine(
  commands: readonly CommandEntry[],
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  try {
    return await dispatch(commands, args, io);
  } catch (error) {
    printError(error, io);
    return exitCodes.failed;
  }
}

async function dispatch(
  commands: readonly CommandEntry[],
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v') {
    io.out(version);
    return exitCodes.ok;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.out(overview(commands, io));
    return exitCodes.ok;
  }
  if (first === undefined) {
    io.problem(overview(commands, io));
    return exitCodes.failed;
  }
  if (first === 'help') {
    io.out((await load(commands, rest[0] ?? '')).usage);
    return exitCodes.ok;
  }
  const command = await load(commands, first);
  if (asksForHelp(rest)) {
    io.out(command.usage);
    return exitCodes.ok;
  }
  return command.run(rest, io);
}

async function load(commands: readonly CommandEntry[], name: string): Promise<Command> {
  const entry = commands.find((each) => each.name === name);
  if (entry) return entry.load();
  if (name.startsWith('-')) throw commandInvalid(`Unknown option '${name}'; the command comes first`);
  const names = commands.map((each) => each.name);
  const nearest = nearestName(name, names);
  throw commandInvalid(
    nearest === undefined
      ? `There is no command '${name}'; the commands are ${names.join(', ')}`
      : `There is no command '${name}'; did you mean '${nearest}'?`,
  );
}

/** What follows `--` is for the command. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

function overview(commands: readonly CommandEntry[], io: CommandIo): string {
  const width = Math.max(0, ...commands.map(({ name }) => name.length));
  return [
    `throughline ${version}: observability for Node services, from the command line.`,
    '',
    io.style('bold', 'Usage'),
    '  throughline <command> [options]',
    '  throughline <command> --help',
    '',
    io.style('bold', 'Commands'),
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    io.style('bold', 'Exit codes'),
    `  ${exitCodes.ok}  no problem found`,
    `  ${exitCodes.found}  problems found and listed`,
    `  ${exitCodes.failed}  wrong call, or an input could not be read: nothing was checked or written`,
  ].join('\n');
}

function printError(error: unknown, io: CommandIo): void {
  if (isCatalogued(error)) {
    printCatalogued(error, io);
    return;
  }
  io.problem(io.style('red', 'Error: this is a defect of the command. Please report it.'));
  io.problem(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** What is wrong, what to do, and where the code is explained. */
export function printCatalogued(error: ObservabilityError | CommandError, io: CommandIo): void {
  io.problem(`${io.style('red', 'Error')} ${error.code}: ${error.message}`);
  io.problem(error.fix);
  // Older versions of core do not say it.
  io.problem(io.style('dim', error.help ?? help(error.code)));
}

/** By name: another copy of core, or of this package, may have thrown it, for example in a file that is loaded. */
function isCatalogued(error: unknown): error is ObservabilityError | CommandError {
  return error instanceof Error && names.has(error.name) && 'fix' in error && 'code' in error;
}
