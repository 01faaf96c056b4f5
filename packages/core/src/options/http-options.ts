import { checkBoolean, checkList, checkTextList, group, option, parseList } from './option.js';

const checkHeaderNames = (value: unknown): readonly string[] =>
  checkTextList(value).map((name) => name.toLowerCase());

const hostEntry = /^(\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:]+\]?)(:\d{1,5})?$/i;

const checkTargets = checkList<string | RegExp>(
  "takes an array of hosts ('orders', 'orders:8080', '.internal.example' for all hosts below it) and regular expressions",
  (entry): entry is string | RegExp =>
    entry instanceof RegExp || (typeof entry === 'string' && hostEntry.test(entry)),
);

export const httpOptions = group('HTTP in and out.', {
  ignoreIncomingPaths: option({
    type: 'readonly (string | RegExp)[]',
    description:
      'Paths without spans and metrics, such as probes. A string is the whole path; a regular expression is tested against the path without its query.',
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
      'Where outgoing calls carry trace headers (`traceparent`, `baggage`, the old header of the bridge). A string is a host, `host:port`, or `.domain` for all hosts below it; a regular expression is tested against the URL without its query. An empty array: nowhere. Spans and metrics of the other calls stay.',
    fallbackText: 'everywhere',
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
      'Whether `client.address` on spans comes from `Forwarded` or `X-Forwarded-For` where they are present. Metrics never use them.',
    fallback: true,
    parse: checkBoolean,
  }),
  redactQueryParameters: option({
    type: 'readonly string[]',
    description:
      'Query parameters, beside the usual secrets, whose values are replaced by REDACTED on spans.',
    fallback: [] as readonly string[],
    fallbackText: 'none',
    parse: checkTextList,
  }),
});
