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
} as const satisfies Record<string, { message: string; cause: string; fix: string }>;

/** Code of a {@link CommandError}. */
export type CommandErrorCode = keyof typeof commandErrorCatalogue;

/** The command was called in a wrong way, or an input is wrong: the message says what, the fix what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  readonly fix: string;

  constructor(code: CommandErrorCode, detail?: string, options?: { cause?: unknown; fix?: string }) {
    const { message, fix } = commandErrorCatalogue[code];
    super(detail ?? message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.fix = options?.fix ?? fix;
  }
}
