import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trigger, triggerWords } from './secret-text.js';
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

test('no text that the trigger matches is without one of its words', () => {
  const has = createWordScan(triggerWords);
  // The literal parts of the trigger, and what its classes stand for, in any order and case.
  const pieces = trigger.source
    .split(/[|()[\]?:{}\\+*]+/)
    .filter((piece) => piece !== '')
    .concat([
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
    ]);
  const text = fc
    .array(fc.tuple(fc.constantFrom(...pieces), fc.boolean()), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.map(([piece, upper]) => (upper ? piece.toUpperCase() : piece)).join(''));
  let matches = 0;
  fc.assert(
    fc.property(text, (given) => {
      if (!trigger.test(given)) return;
      matches++;
      expect([given, has(given)]).toEqual([given, true]);
    }),
    { numRuns: 5_000 },
  );
  expect(matches).toBeGreaterThan(1_000);
});

test('each alternative of the trigger, written out, has one of its words', () => {
  const has = createWordScan(triggerWords);
  const examples = `://|?a=|&_x=|#%41=|;[a]=|?-=|&.=|eyJh|-----BEGIN|Bearer x|BASIC\tx|digest\u00a0x|passw|passphrase|pwd|secret|token|
    |apikey|api-key|api_key|private key|access-key|signingkey|account_key|masterkey|storage key|shared-key|encryption_key|authorization
    |cookie|credential|accesssignature|identified by|pin: 1|otp=|cvv2>|cvc"=|ssn :|pass'=|pw]:|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|xoxb-
    |rk_live_|sk_test_|AKIA0123456789ABCDEF|asia0123456789abcdef|AIza|glpat-|npm_|invalid input|malformed|out of range|duplicate|dup key
    |incorrect|failing row|already exists|not present in table|$1 = '`;
  for (const example of examples.split(/\s*\|/).filter((one) => one !== '')) {
    expect([example, trigger.test(example), has(example)]).toEqual([example, true, true]);
  }
});
