import { checkWord, group, option, parseList, quoted } from './option.js';
import { batchMembers, otlpMembers } from './otlp-options.js';

export const logLevels = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] as const;
export type LogLevel = (typeof logLevels)[number];

const logDestinations = ['stdout', 'otlp'] as const;
export type LogDestination = (typeof logDestinations)[number];

/** Also for the setter of a running instance. */
export const checkLogLevel = checkWord(logLevels);

function checkDestinations(value: unknown): readonly LogDestination[] {
  if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(logDestinations)}`);
  return [...new Set(value.map(checkWord(logDestinations)))];
}

export const logOptions = group('Log lines.', {
  level: option({
    type: 'LogLevel',
    description: 'Least important level that is written.',
    fallback: 'info' as LogLevel,
    environment: [{ name: 'LOG_LEVEL', parse: (text) => checkWord(logLevels)(text.toLowerCase()) }],
    parse: checkWord(logLevels),
  }),
  format: option({
    type: "'json' | 'pretty'",
    description: 'JSON lines for machines, or coloured lines for a person.',
    fallbackText: "`'pretty'` when stdout is a terminal, otherwise `'json'`",
    parse: checkWord(['json', 'pretty']),
  }),
  destinations: option({
    type: 'readonly LogDestination[]',
    description: 'Where lines go: `stdout`, and `otlp` for an OTLP/HTTP intake.',
    fallback: ['stdout'] as readonly LogDestination[],
    environment: [
      {
        name: 'OTEL_LOGS_EXPORTER',
        parse: (text) => {
          const names = parseList(text).map(checkWord(['otlp', 'console', 'none']));
          return names.includes('otlp') ? (['stdout', 'otlp'] as const) : (['stdout'] as const);
        },
        note: '`otlp` adds the OTLP intake; lines go to stdout in any case',
      },
    ],
    parse: checkDestinations,
  }),
  ...otlpMembers('logs'),
  batch: batchMembers('OTEL_BLRP', 1_000),
});
