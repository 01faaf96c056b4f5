import { ObservabilityError } from '../model/errors.js';
import { nearestName } from '../model/nearest-name.js';
import { version } from '../model/version.js';
import { type Command, type CommandIo, type Commands, commandInvalid, exitCodes } from './command.js';

/**
 * Runs `throughline <command> [options]`.
 *
 * @param args what stands behind `throughline`
 * @returns the exit code; it never rejects
 */
export async function runCommandLine(
  commands: Commands,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  try {
    return await dispatch(commands, args, io);
  } catch (error) {
    complain(error, io);
    return exitCodes.failed;
  }
}

async function dispatch(commands: Commands, args: readonly string[], io: CommandIo): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v') {
    io.out(version);
    return exitCodes.ok;
  }
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.out(await overview(commands, io));
    return exitCodes.ok;
  }
  if (first === undefined) {
    io.problem(await overview(commands, io));
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

async function load(commands: Commands, name: string): Promise<Command> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command();
  if (name.startsWith('-')) throw commandInvalid(`Unknown option '${name}'; a command comes first`);
  const nearest = nearestName(name, Object.keys(commands));
  throw commandInvalid(
    nearest === undefined
      ? `There is no command '${name}'; there are: ${Object.keys(commands).join(', ')}`
      : `There is no command '${name}'; did you mean '${nearest}'?`,
  );
}

/** Everything behind `--` belongs to the command. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

async function overview(commands: Commands, io: CommandIo): Promise<string> {
  const loaded = await Promise.all(Object.values(commands).map((command) => command()));
  const width = Math.max(0, ...loaded.map(({ name }) => name.length));
  return [
    `throughline ${version}: tools for services that use @throughline/core.`,
    '',
    io.style('bold', 'Usage'),
    '  throughline <command> [options]',
    '  throughline <command> --help',
    '',
    io.style('bold', 'Commands'),
    ...loaded.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    io.style('bold', 'Exit codes'),
    `  ${exitCodes.ok}  done, nothing to complain about`,
    `  ${exitCodes.found}  done, and something to complain about was found`,
    `  ${exitCodes.failed}  called wrongly, or something needed could not be had: nothing was checked or written`,
  ].join('\n');
}

function complain(error: unknown, io: CommandIo): void {
  if (error instanceof ObservabilityError) {
    io.problem(`${io.style('red', 'Error')} ${error.code}: ${error.message}`);
    io.problem(error.fix);
    return;
  }
  io.problem(io.style('red', 'Error: this is a defect of the command, please report it.'));
  io.problem(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
