import { checkBoolean, checkList, checkTextList, group, option } from './option.js';

const checkHeaderNames = (value: unknown): readonly string[] =>
  checkTextList(value).map((name) => name.toLowerCase());

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
