import type { IncomingMessage } from 'node:http';
import { checkBoolean, checkList, checkTextList, group, option, parseBoolean, parseList } from './option.js';

const checkHeaderNames = (value: unknown): readonly string[] =>
  checkTextList(value).map((name) => name.toLowerCase());

const hostEntry = /^(\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:]+\]?)(:\d{1,5})?$/i;

const checkTargets = checkList<string | RegExp>(
  "takes an array of hosts ('orders', 'orders:8080', '.internal.example' for all hosts below it) and regular expressions",
  (entry): entry is string | RegExp =>
    entry instanceof RegExp || (typeof entry === 'string' && hostEntry.test(entry)),
);

/** Whether the trace of a caller is continued (true), only linked to, or ignored (false). */
export type TrustIncomingTrace = boolean | 'link' | ((request: IncomingMessage) => boolean | 'link');

function parseTrust(text: string): boolean {
  try {
    return parseBoolean(text);
  } catch {
    throw new Error('takes true, false or link');
  }
}

function checkTrust(value: unknown): TrustIncomingTrace {
  if (typeof value === 'boolean' || value === 'link' || typeof value === 'function') {
    return value as TrustIncomingTrace;
  }
  throw new Error("takes true, false, 'link', or a function that returns one of these for a request");
}

export const httpOptions = group('Incoming and outgoing HTTP requests.', {
  ignoreIncomingPaths: option({
    type: 'readonly (string | RegExp)[]',
    description:
      'Paths for which no spans and metrics are recorded, such as probes. A string must equal the whole path. A regular expression is tested against the path without its query.',
    fallback: ['/health', '/healthz', '/livez', '/readyz', '/metrics'] as readonly (string | RegExp)[],
    parse: checkList<string | RegExp>(
      'takes an array of strings and regular expressions',
      (entry): entry is string | RegExp => typeof entry === 'string' || entry instanceof RegExp,
    ),
  }),
  captureRequestHeaders: option({
    type: 'readonly string[]',
    description: 'Request headers to record on server spans as `http.request.header.<name>`.',
    fallback: [] as readonly string[],
    fallbackText: 'none',
    parse: checkHeaderNames,
  }),
  captureResponseHeaders: option({
    type: 'readonly string[]',
    description: 'Response headers to record on server spans as `http.response.header.<name>`.',
    fallback: [] as readonly string[],
    fallbackText: 'none',
    parse: checkHeaderNames,
  }),
  trustIncomingTrace: option({
    type: "boolean | 'link' | ((request: IncomingMessage) => boolean | 'link')",
    description:
      "Whether requests continue the trace of their caller. With `false`, each request begins a new trace, and the trace headers and baggage of the caller are ignored. With `'link'`, it begins a new trace too, and its span links to the span of the caller. A function decides per request; if it throws, the answer is `false`. Set this for a service that is open to unknown callers: a trusted caller chooses the trace id, whether the trace is recorded, and the baggage that is passed on to other services.",
    fallback: true as TrustIncomingTrace,
    environment: [
      {
        name: 'THROUGHLINE_HTTP_TRUST_INCOMING_TRACE',
        parse: (text) => (text.trim() === 'link' ? 'link' : parseTrust(text)),
        note: '`true`, `false` or `link`',
      },
    ],
    parse: checkTrust,
  }),
  propagateTo: option({
    type: 'readonly (string | RegExp)[]',
    description:
      'Hosts to which outgoing requests carry trace headers (`traceparent`, `baggage`, the old header of the bridge). A string is a host, `host:port`, or `.domain` for all hosts below it. A regular expression is tested against the URL without its query. With an empty array no request carries them. Spans and metrics are recorded for all requests.',
    fallbackText: 'all hosts',
    environment: [
      {
        name: 'THROUGHLINE_HTTP_PROPAGATE_TO',
        parse: (text) => checkTargets(parseList(text)),
        note: 'hosts separated by commas',
      },
    ],
    parse: checkTargets,
  }),
  trustForwardedHeaders: option({
    type: 'boolean',
    description:
      'Whether `client.address` on spans is read from the headers `Forwarded` or `X-Forwarded-For`, if the request has them. Metrics never use these headers.',
    fallback: true,
    parse: checkBoolean,
  }),
  redactQueryParameters: option({
    type: 'readonly string[]',
    description:
      'Query parameters whose values are replaced by REDACTED on spans, in addition to the usual secrets.',
    fallback: [] as readonly string[],
    fallbackText: 'none',
    parse: checkTextList,
  }),
});
