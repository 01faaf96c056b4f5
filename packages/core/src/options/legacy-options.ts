import { checkBoolean, checkText, checkWord, named, option, parseList } from './option.js';

/** A header name as RFC 9110, section 5.1 defines it. No known trace header is longer. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const maxNames = 16;

/** Headers that mean something else, or whose values must not get into logs. */
const takenNames: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'traceresponse',
  'baggage',
  'authorization',
  'cookie',
  'set-cookie',
  'host',
  'content-type',
  'content-length',
]);

function checkHeaderName(value: unknown): string {
  if (typeof value !== 'string' || !headerName.test(value)) {
    throw new Error('takes the name of a header, such as x-trace-id');
  }
  if (takenNames.has(value.toLowerCase())) {
    throw new Error(
      `takes the name of the old trace header, but '${value}' is a header with another meaning`,
    );
  }
  return value;
}

function checkNames(value: unknown): string | readonly string[] {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || names.length > maxNames) {
    throw new Error(`takes the name of a header, or from 1 to ${maxNames} of them in order of trust`);
  }
  return names.map(checkHeaderName);
}

const millisPerDay = 86_400_000;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The time, in milliseconds since 1970, from which the old header is no longer used. A date without a time is the
 * last day on which it is used, in UTC.
 *
 * @throws an Error whose message says which values the option accepts
 */
export function endOfAcceptance(text: string): number {
  const words = 'takes a date such as 2027-03-31, or a time with its zone such as 2027-03-31T18:00:00Z';
  if (!isoDate.test(text) && !isoTime.test(text)) throw new Error(words);
  const millis = Date.parse(text);
  // Date.parse takes 30 February for 2 March.
  const day = text.slice(0, 10);
  const parsedDay = new Date(Date.parse(day));
  if (Number.isNaN(millis) || Number.isNaN(parsedDay.getTime()) || !parsedDay.toISOString().startsWith(day)) {
    throw new Error(words);
  }
  return isoDate.test(text) ? millis + millisPerDay : millis;
}

const responses = ['traceresponse', 'legacy', 'both'] as const;

export const legacyOptions = named(
  'name',
  'The bridge from hand-made trace headers (docs/moving-over.md). A name, or an array of names, is short for `{ name }`.',
  {
    name: option({
      type: 'string | readonly string[]',
      description:
        'The old header, or several, the most trusted first. Headers of requests and messages are read without regard to case. They are written exactly as given here.',
      fallbackText: 'none: the bridge is off',
      environment: [
        {
          name: 'THROUGHLINE_LEGACY_TRACE_HEADER',
          parse: (text) => checkNames(parseList(text)),
          note: 'names separated by commas',
        },
      ],
      parse: checkNames,
    }),
    send: option({
      type: 'boolean',
      description:
        'Whether outgoing calls and messages carry the old header in addition to the trace context.',
      fallback: true,
      parse: checkBoolean,
    }),
    acceptUntil: option({
      type: 'string',
      description:
        'Last day (UTC) on which the old header is used, or a time with its zone. Warnings start 14 days before. After it the header is ignored, but requests that carry it are still counted.',
      fallbackText: 'no end',
      parse: (value) => {
        const text = checkText(value);
        endOfAcceptance(text);
        return text;
      },
    }),
    respond: option({
      type: "false | 'traceresponse' | 'legacy' | 'both'",
      description:
        'Whether responses carry the trace id: in W3C `traceresponse`, in the old header, or in both. A header that the service itself sets is not changed.',
      fallback: false as false | (typeof responses)[number],
      parse: (value) => (value === false ? false : checkWord(responses)(value)),
    }),
    sourceHeader: option({
      type: 'string',
      description:
        'A request header that names the caller, such as `x-client-name`. It shows which callers still send the old header.',
      fallbackText: 'none: `service.name` in the baggage, else the user agent, else the network',
      parse: (value) => checkHeaderName(value).toLowerCase(),
    }),
  },
);
