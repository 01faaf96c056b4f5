import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../test/fuzz.js';
import { redactAttribute } from '../redaction/attribute-redaction.js';
import { createQueryRedaction, redactUrl } from '../redaction/query-redaction.js';
import { redactRequestUrl } from '../redaction/secret-text.js';
import { shownPath } from './shown-path.js';

const origin = 'http://orders.internal:8080';
const redactQuery = createQueryRedaction([]);

/** Each attribute redacted for itself, as those of a path are that is not a usual one. */
function oneByOne(path: string) {
  const question = path.indexOf('?');
  const query = question === -1 ? undefined : redactQuery(path.slice(question + 1));
  return {
    full: redactRequestUrl(redactUrl(origin + path, redactQuery)),
    pathname: redactAttribute('url.path', new URL(origin + path).pathname),
    query: query && redactAttribute('url.query', query),
  };
}

function atOnce(path: string) {
  const shown = shownPath(path, redactQuery);
  if (shown === undefined) return undefined;
  const question = shown.indexOf('?');
  return {
    full: origin + shown,
    pathname: question === -1 ? shown : shown.slice(0, question),
    query: question === -1 ? undefined : shown.slice(question + 1),
  };
}

const name = fc.constantFrom('page', 'code', 'key', 'sort[by]', 'q', 'X-Amz-Signature', 'session', 'a.b');
const value = fc.oneof(
  fc.stringMatching(/^[\w%;:~.,!*()/+-]{0,12}$/),
  fc.constantFrom('%3Ftoken%3Dx', 'http://u:p@h/', 'Bearer%20x', 'eyJhbGciOi.eyJzdWIi.x', 'a?b=c', 'a&amp'),
);
const segment = fc.oneof(
  fc.stringMatching(/^[\w%~.,!*()=:+-]{0,12}$/),
  fc.constantFrom('..', '.', '%2e%2E', 'token=abc123def', 'bot123456789:abc', '', 'a;b=c', 'u:p@h', '상품'),
);
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.array(fc.tuple(name, value), { maxLength: 3 }))
  .map(([segments, pairs]) => {
    const query = pairs.map(([key, text]) => `${key}=${text}`).join('&');
    return `/${segments.join('/')}${pairs.length > 0 ? `?${query}` : ''}`;
  });

test('a path that is redacted at once reads like one whose attributes are redacted one by one', () => {
  fc.assert(
    fc.property(path, (given) => {
      const shown = atOnce(given);
      if (shown !== undefined) expect(shown).toEqual(oneByOne(given));
    }),
    fuzzRuns(1_000),
  );
});

test.each(['/products/1?page=2', '/', '/a//b/?', '/v1/orders/7f3a-11?sort[by]=name&q=a+b'])(
  '%s is redacted at once',
  (given) => expect(atOnce(given)).toEqual(oneByOne(given)),
);

test('the parameters that are secrets are redacted, and the others stay', () => {
  expect(shownPath('/login?code=4711&state=open', redactQuery)).toBe('/login?code=REDACTED&state=open');
});

test.each([
  '//other.example/a',
  '/a/../b',
  '/%2e%2e/b',
  '/a b',
  '/a?token=x',
  '/a@b',
  '/a?b?c=d',
  'http://h/',
])('%s is left to those who look at each attribute', (given) =>
  expect(shownPath(given, redactQuery)).toBeUndefined(),
);
