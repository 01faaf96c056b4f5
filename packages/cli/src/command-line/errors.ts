import { help } from '@throughline/core/internal';

/**
 * Problems that only the command line reports. `docs/reference/errors.md` is generated from this catalogue, so a code
 * never changes its meaning.
 */
export const commandErrorCatalogue = {
  OBS_COMMAND_INVALID: {
    message: 'The command line is wrong.',
    cause: 'A command or an option does not exist, or an option has no value.',
    fix: 'Run `throughline --help`, or `throughline <command> --help`.',
  },
  OBS_COMMAND_INPUT: {
    message: 'A file, package or address that a command needs could not be read.',
    cause:
      'It does not exist, cannot be reached, throws while it is loaded, or does not export what the command expects.',
    fix: 'Correct the path or address that the message names. Paths are relative to the current folder.',
  },
  OBS_EXPOSITION_INVALID: {
    message: 'Metrics could not be read.',
    cause: 'The text is neither Prometheus text format 0.0.4 nor OpenMetrics, or it has no samples.',
    fix: 'Pass the address of a metrics endpoint, or a file with its response, to --metrics.',
  },
  OBS_SLO_INVALID: {
    message: 'An SLO is invalid.',
    cause:
      'The objective is not between 0 and 1, the window is unknown, the threshold is not a bucket bound, or a name is misspelled.',
    fix: 'Correct what the message names. The README and docs/slo.md of the package throughline show examples.',
  },
  OBS_DEV_PORT_IN_USE: {
    message: 'The port of the local page is in use.',
    cause: 'Another program listens on it, perhaps another `throughline dev` or a collector.',
    fix: 'End that program, pass another port to --port, or leave --port out to take the next free port.',
  },
  OBS_SESSION_INVALID: {
    message: 'A saved session could not be opened.',
    cause: 'The file was not saved by the page of `throughline dev`, or it is damaged.',
    fix: 'Pass a file that the page has saved to --open.',
  },
  OBS_INIT_PACKAGE_JSON: {
    message: 'The package.json of a service is missing or cannot be used.',
    cause:
      'The command ran in another folder, or the file is not plain JSON: comments, trailing commas and other encodings than UTF-8 are not allowed.',
    fix: 'Run the command in the folder of the service, or correct what the message names.',
  },
  OBS_INIT_ENTRY: {
    message: 'The file that starts the service was not found.',
    cause:
      'package.json names no file that Node starts, the file is made by a build and its source is unknown, or another program than Node starts the service.',
    fix: 'Name the source file that starts the service: `throughline init --entry src/server.ts`.',
  },
  OBS_INIT_WORKSPACE: {
    message: 'A workspace has several services, and none of them was chosen.',
    cause: 'The command ran in the root of a workspace, without a terminal to ask on.',
    fix: 'Name one: `throughline init --workspace <name>`.',
  },
  OBS_INIT_OTHER_AGENT: {
    message: 'The service already starts another agent. Nothing was written.',
    cause: 'Two agents record every request twice, at twice the cost.',
    fix: 'Remove the start of the other agent first; the documentation has a page on moving over from OpenTelemetry and one from dd-trace. To run both on purpose, add --beside-agent.',
  },
  OBS_INIT_NOT_WRITTEN: {
    message: 'A file could not be read or written. All files are as they were.',
    cause: 'The folder or the file is read-only, the disk is full, or another program changed the file.',
    fix: 'Correct what the message names, and run the command again.',
  },
  OBS_INIT_INSTALL_FAILED: {
    message: 'The package manager could not install the packages. All files are as they were.',
    cause: 'The registry cannot be reached or lacks a package, or the package manager is not installed.',
    fix: 'Correct what the output of the package manager names. `throughline init --no-install` changes the files without installing.',
  },
  OBS_INIT_UNDO: {
    message: '`throughline init --undo` could not restore the files. Nothing was changed.',
    cause: 'There is no record of a change in .throughline, or a file was changed after `throughline init`.',
    fix: 'Undo your later changes to the named files first, or remove what `throughline init` added by hand.',
  },
} as const satisfies Record<string, { message: string; cause: string; fix: string }>;

/** Code of a {@link CommandError}. */
export type CommandErrorCode = keyof typeof commandErrorCatalogue;

/** The command was called in a wrong way, or an input is wrong: the message says what, the fix what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  readonly fix: string;
  /** Where the code is explained: the address of its page, or the command that prints it. */
  readonly help: string;

  constructor(code: CommandErrorCode, detail?: string, options?: { cause?: unknown; fix?: string }) {
    const { message, fix } = commandErrorCatalogue[code];
    super(detail ?? message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.fix = options?.fix ?? fix;
    this.help = help(code);
  }
}
