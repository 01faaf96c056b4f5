/** Replaces a value that was removed. The semantic conventions use this word for `url.query`. */
export const redacted = 'REDACTED';

/** Names are compared without case and separators: `X-Api-Key`, `apiKey` and `API_KEY` are one name. */
function normalizedName(name: string): string {
  return name.replace(/[-_.\s]/g, '').toLowerCase();
}

/** Names that are secrets by themselves, though words that end in them are not. */
const exactNames = new Set([
  'auth',
  'bearer',
  'cvc',
  'cvc2',
  'cvv',
  'cvv2',
  'jwt',
  'otp',
  'pass',
  'pin',
  'pw',
  'sid',
  'connectsid',
  'sig',
  'signature',
  'ssn',
  'xamzsignature',
  'xgoogsignature',
  'xhubsignature',
  'xhubsignature256',
]);

/** Names that end in one of these are secrets too: `dbPassword`, `githubToken`. */
const secretEnding =
  /(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|apikey|accesskey|secretkey|privatekey|signingkey|encryptionkey|accountkey|masterkey|storagekey|sharedkey|accesssignature|authorization|cookies?|credentials?|sessionid|connectionstring|cardnumber|creditcard|(?:password|passwd)(?:hash|salt|confirm|confirmation|repeat))\d*$/;

/** Cursors. They are called tokens, but they are not secrets. */
const harmlessEnding = /(?:page|next|continuation|sync|cancel|cancellation)token$/;

const maxRemembered = 5_000;

/**
 * Makes the test for names of secrets. Its answers are remembered, because the same few names come on every line.
 *
 * @param further names in addition to the usual ones, in any spelling
 */
export function createSecretNames(further: readonly string[] = []): (name: string) => boolean {
  const furtherNames = new Set(further.map(normalizedName));
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const plain = normalizedName(name);
    const answer =
      furtherNames.has(plain) ||
      exactNames.has(plain) ||
      (secretEnding.test(plain.slice(-64)) && !harmlessEnding.test(plain));
    if (answers.size < maxRemembered) answers.set(name, answer);
    return answer;
  };
}
