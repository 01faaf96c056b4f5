import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTextRedaction, triggers } from './secret-text.js';
import { createWordScan } from './word-scan.js';

test('finds a word wherever it is, in any case, also one within another and one after a false start', () => {
  const has = createWordScan(['token', 'ken', 'tok-x', 'ab']);
  for (const text of ['token', 'a toKEN b', 'ken', 'tok-x', 'totoken', 'tok-token', 'aab', 'éab']) {
    expect([text, has(text)]).toEqual([text, true]);
  }
  for (const text of ['', 'toke', 'tok-', 'to xen', 'a', 'aéb', 'toké']) {
    expect([text, has(text)]).toEqual([text, false]);
  }
});

test('finds each of several hundred words, and characters beyond ASCII', () => {
  const words = Array.from({ length: 700 }, (_, i) => `w${i.toString(7)}-${i % 3}`);
  const has = createWordScan(words, '비П');
  for (const word of words) expect([word, has(`a ${word} b`)]).toEqual([word, true]);
  expect(has('a w-b')).toBe(false);
  expect([has('a 비 b'), has('П'), has('밀П'), has('밀')]).toEqual([true, true, true, false]);
});

test('agrees with a plain search on random words and texts', () => {
  const letters = fc.stringMatching(/^[abAB-]{1,4}$/);
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 6 }),
      fc.stringMatching(/^[abABé-]{0,20}$/),
      (words, text) => {
        const plain = words.some((word) => text.toLowerCase().includes(word.toLowerCase()));
        expect(createWordScan(words)(text)).toBe(plain);
      },
    ),
    { numRuns: 500 },
  );
});

test.each(triggers)(
  'no text that $pattern matches is without one of its words',
  ({ pattern, words, initials }) => {
    const has = createWordScan(words, initials);
    // The literal parts of the pattern, and what its classes stand for, in any order and case.
    const pieces = [
      ...pattern.source.split(/[|()[\]?:{}\\+*]+/).filter((piece) => piece !== ''),
      ...[
        '://',
        '?',
        '&',
        '#',
        ';',
        '=',
        ' ',
        '"',
        "'",
        '[',
        ']',
        '%',
        '.',
        '_',
        '-',
        ':',
        '>',
        '1',
        '$1',
        'A',
        '\n',
        'é',
      ],
    ];
    const text = fc
      .array(fc.tuple(fc.constantFrom(...pieces), fc.boolean()), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.map(([piece, upper]) => (upper ? piece.toUpperCase() : piece)).join(''));
    let matches = 0;
    fc.assert(
      fc.property(text, (given) => {
        if (!pattern.test(given)) return;
        matches++;
        expect([given, has(given)]).toEqual([given, true]);
      }),
      { numRuns: 5_000 },
    );
    expect(matches).toBeGreaterThan(500);
  },
);

test('each alternative of the patterns, written out, has one of their words', () => {
  const [address, secret] = triggers;
  const examples = {
    address: '://|?a=|&_x=|#%41=|;[a]=|?-=|&.=',
    secret: `eyJh|-----BEGIN|Bearer x|BASIC\tx|digest\u00a0x|passw|passphrase|pwd|secret|token|apikey|api-key|api_key|private key
      |access-key|signingkey|account_key|masterkey|storage key|shared-key|encryption_key|authorization|cookie|credential
      |accesssignature|identified by|pin: 1|otp=|cvv2>|cvc"=|ssn :|pass'=|pw]:|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|xoxb-|rk_live_
      |sk_test_|AKIA0123456789ABCDEF|asia0123456789abcdef|AIza|glpat-|npm_|invalid input|malformed|out of range|duplicate|dup key
      |incorrect|failing row|already exists|not present in table|$1 = '|senha|contrase|mot de passe|wachtwoord|비밀번호|암호|パスワード
      |暗証番号|密码|密碼|пароль|ПАРОЛЬ|%3A%2f%2F|getaddrinfo ENOTFOUND u@|/bot123456|sq0atp-|key-0123456789abcdef0123456789abcdef
      |sshpass -p|SETUSER x|AUTH2 x|csrf=|xsrf :|license_key`,
  };
  for (const [{ pattern, words, initials }, list] of [
    [address, examples.address],
    [secret, examples.secret],
  ] as const) {
    const has = createWordScan(words, initials);
    for (const example of list.split(/\s*\|/)) {
      expect([example, pattern.test(example), has(example)]).toEqual([example, true, true]);
    }
  }
});

test('a URL without a secret stays as it is, whatever stands in its query', () => {
  const redact = createTextRedaction([]);
  for (const url of [
    'http://orders.internal/orders/42?page=2&sort=asc',
    'https://a.example/x;v=1/y#part',
    'http://[::1]:8080/?q=%E2%9C%93',
  ]) {
    expect(redact(url)).toBe(url);
  }
  expect(redact('http://a/?page=2&token=abc')).toBe('http://a/?page=2&token=REDACTED');
  expect(redact('http://u:p@a/?page=2')).toBe('http://REDACTED:REDACTED@a/?page=2');
  expect(redact('GET http://a/?x=1 failed: password=abc')).toBe(
    'GET http://a/?x=1 failed: password=REDACTED',
  );
});
