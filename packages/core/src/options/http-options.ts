import { checkBoolean, checkList, checkTextList, group, option, parseList } from './option.js';

const checkHeaderNames = (value: unknown): readonly string[] =>
  checkTextList(value).map((name) => name.toLowerCase());

const hostEntry = /^(\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:]+\]?)(:\d{1,5})?$/i;

const checkTargets = checkList<string | RegExp>(
  "takes an array of hosts ('orders', 'orders:8080', '.internal.example' for all hosts below it) and regular expressions",
  (entry): entry is string | RegExp =>
    entry instanceof RegExp || (typeof entry === 'string' && hostEntry.test(entry)),
);

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
