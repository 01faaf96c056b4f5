import { copyOf } from '../model/text-copy.js';

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
  'creds',
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
  'totp',
  'clientassertion',
  'jsessionid',
  'phpsessid',
  'samlrequest',
  'samlresponse',
  // Settings of Redis.
  'masterauth',
  'requirepass',
  'rediscliauth',
  'xauth',
  'xamzsignature',
  'xgoogsignature',
  'xhubsignature',
  'xhubsignature256',
  // Tokens against forged requests.
  'csrf',
  'xsrf',
  // Passwords in the languages of services and their users.
  'senha',
  'contraseña',
  'contrasena',
  'motdepasse',
  'wachtwoord',
  '비밀번호',
  '암호',
  'パスワード',
  '暗証番号',
  '密码',
  '密碼',
  'пароль',
]);

/**
 * Names that end in one of these are secrets too: `dbPassword`, `githubToken`, `accessTokens`. The plural of `token`
 * alone is not among them: `max_tokens` is a number that many services report.
 */
const secretEnding =
  /(?:passw(?:or)?ds?|passwort|kennwort|passphrase|passcode|pwd|secrets?|secretanswer|securityanswer|token|(?:access|api|auth|bearer|csrf|device|id|refresh|reset|session)tokens|(?:api|access|secret|private|signing|encryption|account|master|storage|shared|license)keys?|accesssignature|authorization|cookies?|credentials?|sessionid|connectionstring|cardnumber|creditcard|(?:otp|totp|mfa|2fa|verification|security|recovery|backup)codes?|(?:password|passwd|secret)(?:hash|salt|confirm|confirmation|repeat|value|text|plain|raw|string|base64|hex))\d*$/;

/**
 * Names whose last word is one of these, with a word of where it belongs before it: `DB_PASS`, `userPin`, `oldPw`. Other
 * words before it mean something else: `boarding_pass`, `gpio_pin`.
 */
const secretLastWord =
  /(?:admin|app|auth|bind|card|client|current|database|db|ftp|http|ldap|login|mail|mongo|mongodb|mq|mysql|new|old|pg|postgres|proxy|rabbitmq|redis|root|service|sftp|smtp|ssh|user)(?:pass|pin|pw|otp|auth)$/;

/** Cursors. They are called tokens, but they are not secrets. */
const harmlessEnding = /(?:page|next|continuation|sync|cancel|cancellation)token$/;

function isSecretEnding(name: string): boolean {
  return secretEnding.test(name) || secretLastWord.test(name);
}

const maxRemembered = 5_000;
const maxRememberedLength = 128;

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
      (isSecretEnding(plain.slice(-64)) && !harmlessEnding.test(plain));
    // Names come out of texts and URLs, also those that strangers send.
    if (answers.size < maxRemembered && name.length <= maxRememberedLength) answers.set(copyOf(name), answer);
    return answer;
  };
}
