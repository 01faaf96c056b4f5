import { type LogLevel, logLevels } from '../model/log-level.js';
import { pathSegments } from '../redaction/secret-paths.js';
import {
  checkBoolean,
  checkNumber,
  checkText,
  checkWord,
  countLimits,
  group,
  option,
  parseBoolean,
  parseList,
  quoted,
} from './option.js';
import { batchMembers, otlpMembers } from './otlp-options.js';

const sdkLineOutputs = ['stderr', 'stdout'] as const;
export type SdkLines = (typeof sdkLineOutputs)[number];
export const correlatedLibraries = ['winston', 'pino', 'bunyan', 'nestjs', 'console'] as const;
export type CorrelatedLibrary = (typeof correlatedLibraries)[number];

export const correlationExtras = ['level', 'identity', 'otlp'] as const;
export type CorrelationExtra = (typeof correlationExtras)[number];

/** Lines as JSON in a file, for agents that tail it. */
export interface FileDestination {
  /** Path of the file. `{pid}` is replaced by the process id. Missing folders are created. */
  readonly file: string;
  /** Rotates when the file has this size: `orders.log` becomes `orders.log.1`. Default: no rotation. */
  readonly maxSizeBytes?: number;
  /** Rotates every hour or day. Default: no rotation. */
  readonly rotateEvery?: 'hour' | 'day';
  /** Number of rotated files to keep. Default: 5. */
  readonly maxFiles?: number;
}

/** What to redact in log lines: field names, paths (`user.email`) and patterns. `false` redacts nothing. */
export type Redact = false | readonly (string | RegExp)[];

const namedDestinations = ['stdout', 'otlp'] as const;
/** Where log lines go: `stdout`, `otlp`, or a file. */
export type LogDestination = (typeof namedDestinations)[number] | FileDestination;

/** Also for the setter of a running instance. */
export const checkLogLevel = checkWord(logLevels);

const rotationPeriods = ['hour', 'day'] as const;
const checkFileSize = checkNumber({ min: 1_024, max: 1e12, integer: true });
const checkFileCount = checkNumber({ min: 1, max: 1_000, integer: true });

function checkDestination(value: unknown): LogDestination {
  if (typeof value !== 'object' || value === null) {
    const found = namedDestinations.find((name) => name === value);
    if (found === undefined) {
      throw new Error(`takes an array of ${quoted(namedDestinations)} and { file: '<path>' }`);
    }
    return found;
  }
  const { file, maxSizeBytes, maxFiles, rotateEvery, ...unknown } = value as Record<string, unknown>;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) {
    throw new Error(
      `takes files with file, maxSizeBytes, maxFiles and rotateEvery, but one has '${surplus}'`,
    );
  }
  const part = <T>(name: string, given: unknown, check: (value: unknown) => T): T => {
    try {
      return check(given);
    } catch (error) {
      throw new Error(`has a file whose ${name} ${(error as Error).message}`);
    }
  };
  return {
    file: part('file', file, checkText),
    ...(maxSizeBytes === undefined
      ? {}
      : { maxSizeBytes: part('maxSizeBytes', maxSizeBytes, checkFileSize) }),
    ...(maxFiles === undefined ? {} : { maxFiles: part('maxFiles', maxFiles, checkFileCount) }),
    ...(rotateEvery === undefined
      ? {}
      : { rotateEvery: part('rotateEvery', rotateEvery, checkWord(rotationPeriods)) }),
  };
}

function checkDestinations(value: unknown): readonly LogDestination[] {
  if (!Array.isArray(value)) {
    throw new Error(`takes an array of ${quoted(namedDestinations)} and { file: '<path>' }`);
  }
  return [...new Set(value.map(checkDestination))];
}

function checkRedact(value: unknown): Redact {
  if (value === false) return false;
  if (!Array.isArray(value))
    throw new Error('takes false, or an array of names, paths and regular expressions');
  for (const entry of value) {
    if (entry instanceof RegExp) continue;
    pathSegments(checkText(entry));
  }
  return value;
}

function checkWords<const W extends string>(words: readonly W[]): (value: unknown) => readonly W[] {
  return (value) => {
    if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(words)}`);
    return [...new Set(value.map(checkWord(words)))];
  };
}

function checkRates(value: unknown): Readonly<Partial<Record<LogLevel, number>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('takes an object of numbers by level, for example { info: 100 }');
  }
  const rates: Partial<Record<LogLevel, number>> = {};
  for (const [level, rate] of Object.entries(value)) {
    rates[checkLogLevel(level)] = checkNumber({ min: 1, max: 1_000_000 })(rate);
  }
  return rates;
}

export const logOptions = group('Log lines.', {
  level: option({
    type: 'LogLevel',
    description: 'Lowest level that is written. It can be a level name of npm or of syslog.',
    fallback: 'info' as LogLevel,
    environment: [{ name: 'LOG_LEVEL', parse: (text) => checkLogLevel(text.toLowerCase()) }],
    parse: checkLogLevel,
  }),
  format: option({
    type: "'json' | 'pretty'",
    description: 'JSON lines for machines, or coloured lines for people. Files always get JSON.',
    fallbackText: "`'pretty'` when stdout is a terminal, otherwise `'json'`",
    parse: checkWord(['json', 'pretty']),
  }),
  destinations: option({
    type: 'readonly LogDestination[]',
    description:
      "Where log lines are written: `stdout`, `otlp` for an OTLP/HTTP intake, and `{ file: '/var/log/…' }` for agents that tail files.",
    fallback: ['stdout'] as readonly LogDestination[],
    environment: [
      {
        name: 'OTEL_LOGS_EXPORTER',
        parse: (text) => {
          const names = parseList(text).map(checkWord(['otlp', 'console', 'none']));
          return names.includes('otlp') ? (['stdout', 'otlp'] as const) : (['stdout'] as const);
        },
        note: '`otlp` adds the OTLP intake; lines are always written to stdout',
      },
    ],
    parse: checkDestinations,
  }),
  sdkLines: option({
    type: "'stderr' | 'stdout'",
    description:
      'Where Throughline writes its own lines, such as its start line and its warnings. The default is stderr, because another program may read the stdout of the service.',
    fallback: 'stderr' as SdkLines,
    environment: [{ name: 'THROUGHLINE_SDK_LINES', parse: checkWord(sdkLineOutputs) }],
    parse: checkWord(sdkLineOutputs),
  }),
  startLine: option({
    type: 'boolean',
    description:
      'Whether one line at start lists what is on: the plugins, the endpoint of the spans, the port of the metrics.',
    fallback: true,
    environment: [{ name: 'THROUGHLINE_START_LINE', parse: parseBoolean }],
    parse: checkBoolean,
  }),
  redact: option({
    type: 'false | readonly (string | RegExp)[]',
    description:
      "What is redacted in log lines, in addition to the usual secrets: field names (`'iban'`), paths (`'user.email'`, `'items[*].card'`) and regular expressions for texts. `false` redacts nothing, not even the usual secrets.",
    fallback: [] as Redact,
    fallbackText: 'the usual secrets only',
    parse: checkRedact,
  }),
  maxFieldLength: option({
    type: 'number',
    description: 'Maximum length of a text in one field of a line, in characters. Longer texts are cut.',
    fallback: 16_384,
    parse: checkNumber({ min: 256, max: 1_000_000, integer: true }),
  }),
  access: option({
    type: 'boolean',
    description:
      'Whether one line is written for each HTTP request that the service has answered, with route, status and duration.',
    fallback: false,
    parse: checkBoolean,
  }),
  canonicalLine: option({
    type: 'boolean',
    description:
      'Whether one line is written at the end of each request, consumed message and job, with its outcome, its duration and everything that `annotate` added. It takes the place of the line of `access`.',
    fallback: false,
    environment: [{ name: 'THROUGHLINE_CANONICAL_LINE', parse: parseBoolean }],
    parse: checkBoolean,
  }),
  correlate: option({
    type: "readonly ('winston' | 'pino' | 'bunyan' | 'nestjs' | 'console')[]",
    description: 'Logging libraries of the service whose lines get the trace fields automatically.',
    fallback: ['winston', 'pino', 'bunyan', 'nestjs'] as readonly CorrelatedLibrary[],
    parse: checkWords(correlatedLibraries),
  }),
  correlateWith: option({
    type: "readonly ('level' | 'identity' | 'otlp')[]",
    description:
      'What else is done with the lines of those libraries: `level` writes the level as a word, `identity` adds the labels of the service, `otlp` sends a copy to the `otlp` destination.',
    fallback: [] as readonly CorrelationExtra[],
    fallbackText: 'nothing: their lines stay as they are',
    parse: checkWords(correlationExtras),
  }),
  crashes: option({
    type: 'boolean',
    description:
      'Whether uncaught exceptions and unhandled rejections are logged with their trace and flushed. Node does and prints the same as without Throughline.',
    fallback: true,
    parse: checkBoolean,
  }),
  debugSignal: option({
    type: "'SIGUSR1' | 'SIGUSR2'",
    description:
      'Signal that switches the log level to `debug` for `debugSignalSeconds`. A second signal switches back. Node uses SIGUSR1 to start its debugger.',
    fallbackText: 'none',
    environment: [{ name: 'LOG_DEBUG_SIGNAL', parse: checkWord(['SIGUSR1', 'SIGUSR2']) }],
    parse: checkWord(['SIGUSR1', 'SIGUSR2']),
  }),
  debugSignalSeconds: option({
    type: 'number',
    description: 'How long the level `debug` lasts after `debugSignal`, in seconds.',
    fallback: 300,
    parse: checkNumber({ min: 1, max: 86_400 }),
  }),
  flood: group(
    'Flood control. It is off unless one of its limits is set. Lines of a trace that has an error are never dropped. Dropped lines are counted and reported once per interval.',
    {
      maxRepeats: option({
        type: 'number',
        description:
          'Maximum number of lines with the same message per interval. Numbers and ids in the message are ignored.',
        fallbackText: 'no limit',
        parse: checkNumber(countLimits),
      }),
      maxLinesPerSecond: option({
        type: 'Readonly<Partial<Record<LogLevel, number>>>',
        description: 'Maximum number of lines per second for each level, for example `{ info: 100 }`.',
        fallbackText: 'no limits',
        parse: checkRates,
      }),
      intervalSeconds: option({
        type: 'number',
        description: 'Length of an interval, in seconds.',
        fallback: 30,
        parse: checkNumber({ min: 0.05, max: 3_600 }),
      }),
    },
  ),
  ...otlpMembers('logs'),
  batch: batchMembers('OTEL_BLRP', 1_000),
});
