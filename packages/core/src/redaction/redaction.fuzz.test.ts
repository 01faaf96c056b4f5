import { isLinear } from '@throughline/testbed/linear-time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../test/fuzz.js';
import { createQueryRedaction, redactUrl } from './query-redaction.js';
import { createTextRedaction, redactRequestUrl } from './secret-text.js';

/* A secret that is planted anywhere never comes out. */

const secret = 'hunter2Sesame42';
const redactText = createTextRedaction([]);
const redactQuery = createQueryRedaction([]);

/** Words that are not secret, and characters on which patterns break. */
const noise = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        ' ',
        '\n',
        '"',
        "'",
        '{',
        '}',
        '&',
        '?',
        '=',
        ':',
        '//',
        'order',
        'failed',
        '%',
        ';',
        '<a>',
        'user=1',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const secretParameter = fc.constantFrom(
  'password',
  'token',
  'access_token',
  'api_key',
  'client_secret',
  'user[password]',
  'token[]',
  'PASSWORD',
);
const planted = fc.oneof(
  secretParameter.map((name) => `${name}=${secret}`),
  fc.constantFrom(
    `postgres://user:${secret}@db:5432/orders`,
    `redis://:${secret}@cache/0`,
    `Bearer ${secret}`,
    `authorization: Bearer ${secret}`,
    `{"password":"${secret}"}`,
    `{\\"password\\":\\"${secret}\\"}`,
    `{ password: '${secret}' }`,
    `'password' => '${secret}'`,
    `<password>${secret}</password>`,
    `AccountKey=${secret};EndpointSuffix=x`,
    `IDENTIFIED BY '${secret}'`,
    `PASSWORD '${secret}'`,
    `pin=${secret}`,
    `otp: ${secret}`,
    `api-key: ${secret}`,
    `[{"name":"DB_PASSWORD","value":"${secret}"}]`,
    `{&quot;password&quot;:&quot;${secret}&quot;}`,
    `비밀번호: ${secret}`,
    `app.jwt = ${secret}`,
    `invalid input syntax for type integer: "${secret}"`,
  ),
);

test('texts: no planted secret is left, however it stands', () => {
  fc.assert(
    fc.property(noise, planted, noise, (before, form, after) => {
      const text = `${before} ${form} ${after}`;
      expect(redactText(text)).not.toContain(secret);
    }),
    fuzzRuns(3_000),
  );
});

test('texts: what is redacted once stays as it is', () => {
  fc.assert(
    fc.property(noise, planted, noise, (before, form, after) => {
      const once = redactText(`${before} ${form} ${after}`);
      expect(redactText(redactText(once))).toBe(redactText(once));
    }),
    fuzzRuns(1_000),
  );
});

test('queries: secret parameters lose their values, the others keep theirs', () => {
  const parameter = fc.tuple(
    fc
      .stringMatching(/^[a-z]{1,8}$/)
      .filter(
        (name) =>
          !/pass|pwd|secret|token|key|auth|cookie|sig|pin|otp|code|cvv|cvc|ssn|session|cred|jwt|sas|sid|pw|hmac|mfa|saml|assertion|state|nonce/.test(
            name,
          ),
      ),
    fc.stringMatching(/^[a-z0-9%+.-]{0,12}$/),
  );
  fc.assert(
    fc.property(
      fc.array(parameter, { maxLength: 6 }),
      secretParameter,
      fc.nat(),
      fc.constantFrom('&', ';'),
      (others, name, at, separator) => {
        const parts = others.map((pair) => pair.join('='));
        parts.splice(at % (parts.length + 1), 0, `${name}=${secret}`);
        const query = parts.join(separator);
        const redacted = redactQuery(query);
        expect(redacted).not.toContain(secret);
        for (const [other, value] of others) expect(redacted).toContain(`${other}=${value}`);
        expect(redactUrl(`https://user:${secret}@orders/path?${query}`, redactQuery)).not.toContain(secret);
      },
    ),
    fuzzRuns(2_000),
  );
});

test('any text takes time in proportion to its length', () => {
  const parts = [
    'password',
    '=',
    '"',
    "'",
    '\\',
    ':',
    '//',
    '@',
    '?a=',
    '&',
    '<',
    '>',
    ' ',
    'token',
    '-----BEGIN',
    'eyJ',
    '.',
    '$1 = ',
    'Bearer ',
    'insert into a (b) values (',
    'Failed query: ',
    'u:pw12@',
    '%3D',
    "','",
    '["',
    ' in (',
    'mysql -p',
    'AUTH ',
    '"name":"token","value":',
    'password: |\n ',
    '&quot;',
    'SETUSER a >',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 }), (unit) => {
      const work = (length: number) => {
        const text = unit.join('').repeat(Math.ceil(length / unit.join('').length));
        redactText(text);
        redactQuery(text);
      };
      expect(isLinear(work, 8_000)).toBe(true);
    }),
    fuzzRuns(10),
  );
});

test('the shorter way for URLs of requests takes out what the way for texts takes out', () => {
  const path = fc.array(
    fc.oneof(fc.webSegment(), fc.constantFrom(secret, ';a=1', '@', '#', 'eyJhbGciOiJI.eyJz'), noise),
  );
  const query = fc.array(fc.oneof(fc.webQueryParameters(), planted, noise), { maxLength: 3 });
  fc.assert(
    fc.property(fc.webAuthority({ withUserInfo: true }), path, query, (authority, segments, parameters) => {
      const question = parameters.length > 0 ? `?${parameters.join('&')}` : '';
      const url = redactUrl(`http://${authority}/${segments.join('/')}${question}`, redactQuery);
      expect(redactRequestUrl(url)).toBe(redactText(url));
    }),
    fuzzRuns(300),
  );
});
