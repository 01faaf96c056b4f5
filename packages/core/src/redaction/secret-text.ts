import { redactDatabaseValues } from './database-messages.js';
import { createQueryRedaction, redactUserinfo } from './query-redaction.js';
import { createSecretNames, redacted } from './secret-names.js';
import { createWordScan } from './word-scan.js';

/** A URL may have a user with a password, and anything may have parameters. */
const addressTrigger = /:\/\/|[?&#;][\w.%[\]-]+=/;
/**
 * The beginning of all patterns below. Each pattern is written so that its time is proportional to the length of the text,
 * for every text.
 */
const secretTrigger =
  /eyJ[\w-]|-----BEGIN|bearer\s|basic\s|digest\s|passw|passphrase|pwd|secret|token|(?:api|private|access|signing|account|master|storage|shared|encryption)[-_ ]?key|authorization|cookie|credential|accesssignature|identified\s|\b(?:pin|otp|cvv2?|cvc2?|ssn|pass|pw)\b["'\\\]]{0,3}\s{0,4}[>:=]|gh[pousr]_|github_pat_|xox[a-z]-|[rs]k_(?:live|test)_|A[KS]IA[0-9A-Z]{16}|AIza|glpat-|npm_|invalid input|malformed|out of range|duplicate|dup key|incorrect|failing row|already exists|not present in table|\$\d+ = '/i;

/** What a parameter's name may begin with: the class of characters in the trigger. */
const parameterStarts = 'abcdefghijklmnopqrstuvwxyz0123456789_.%[]-';
const keyKinds = [
  'api',
  'private',
  'access',
  'signing',
  'account',
  'master',
  'storage',
  'shared',
  'encryption',
];

const addressWords: readonly string[] = [
  '://',
  ...['?', '&', '#', ';'].flatMap((before) => [...parameterStarts].map((first) => before + first)),
];
const secretWords: readonly string[] = [
  ...['eyj', '-----begin', 'bearer', 'basic', 'digest', 'passw', 'passphrase', 'pwd', 'secret', 'token'],
  ...keyKinds.flatMap((kind) => ['', '-', '_', ' '].map((separator) => `${kind}${separator}key`)),
  ...['authorization', 'cookie', 'credential', 'accesssignature', 'identified'],
  ...['pin', 'otp', 'cvv', 'cvc', 'ssn', 'pass', 'pw'],
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'xox'],
  ...['rk_live', 'rk_test', 'sk_live', 'sk_test', 'akia', 'asia', 'aiza', 'glpat-', 'npm_'],
  ...['invalid input', 'malformed', 'out of range', 'duplicate', 'dup key', 'incorrect', 'failing row'],
  ...['already exists', 'not present in table', " = '"],
];

/** A pattern, and words of which one is in each text that it matches. */
export const triggers = [
  { pattern: addressTrigger, words: addressWords },
  { pattern: secretTrigger, words: secretWords },
] as const;

const hasAnyWord = createWordScan([...addressWords, ...secretWords]);
const hasSecretWord = createWordScan(secretWords);

/**
 * Whether any of the patterns below could apply; for nearly every text the answer is no. To look for words takes a
 * third of the time that the triggers take.
 */
function mayHoldSecret(text: string): boolean {
  return hasAnyWord(text) && (addressTrigger.test(text) || secretTrigger.test(text));
}

/** Whether more than addresses and parameters could be in a text. */
function mayHoldMore(text: string): boolean {
  return (
    (hasSecretWord(text) && secretTrigger.test(text)) ||
    text.includes('<') ||
    text.includes('Key (') ||
    text.includes('%5')
  );
}

/** A key whose end was cut off is still a key. */
const privateKey = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----[\s\S]*?(?:-----END \1-----|$)/g;
/** Header, payload and signature, or what is left of them. */
const jsonWebToken = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)*/g;
const authScheme = /\b(bearer|basic|digest)(\s{1,4})([\w.~+/=:-]{6,})/gi;
/** A header in a text, to the end of its line or its quotes. */
const credentialHeader =
  /\b((?:proxy-)?authorization|(?:set-)?cookie)(["'\\]{0,3}\s{0,4}(?:=>|[:=])\s{0,4})("[^"]*"?|'[^']*'?|\\"(?:[^"\\]|\\(?!"))*(?:\\")?|[^\r\n"']+)/gi;
const namedValue =
  /(passw(?:or)?d|passphrase|pwd|secret|token|(?:api|private|access|secret|signing|account|master|storage|shared|encryption)[-_ ]?key|credentials?|accesssignature|\b(?:pin|otp|cvv2?|cvc2?|ssn|pass|pw)\b)((?:\[\]|%5b%5d|%5d|[\]"'\\]){0,3})(\s{0,4}(?:=>|:=|[:=])\s{0,4})("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\"(?:[^"\\]|\\(?!"))*(?:\\")?|[^\s,;&"'<>{}[\]()]+(?:\[[\w.-]{0,64}\]=[^\s,;&"'<>{}[\]()]*)?)/gi;
/** `ALTER USER shop PASSWORD 'x'`, `IDENTIFIED BY 'x'`, `PASSWORD('x')`. */
const statementPassword =
  /\b(passw(?:or)?d|identified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?(?:by|as)(?:\s{1,4}password)?)(\s{1,4}\(?\s{0,4}e?|\(\s{0,4}e?)('(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.)*"?)/gi;
/** `<password>x</password>`; the name of the element is checked afterwards. */
const element = /<((?:[\w.-]{1,40}:)?([\w.-]{1,64})(?:\s[^<>]{0,200})?)>(<!\[CDATA\[[^<]*|[^<]+)/g;
/** `<add key="password" value="x"/>` */
const namedElement = /\b((?:name|key)=(["'])([\w.-]{1,64})\2\s{1,4}value=)("[^"]*"?|'[^']*'?)/gi;
/** `--password x` */
const argument =
  /(--[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|private|access|account)-?key))(\s{1,4})("[^"]*"?|'[^']*'?|[^\s"'-]\S*)/gi;
const knownToken =
  /(?<!\w)(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[a-z]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{35}|glpat-[\w-]{20,}|npm_\w{36})/g;
const wordWithParameters = /[^\s"'<>]+/g;

const redactQuery = createQueryRedaction([]);
const isSecretName = createSecretNames();

/** Removes secrets from a text: those that are recognized by their form, and values that follow the name of a secret. */
export type RedactText = (text: string) => string;

/** @param patterns matches of these are taken out of every text as well */
export function createTextRedaction(patterns: readonly RegExp[]): RedactText {
  const furtherPatterns = patterns.map((pattern) =>
    pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`),
  );
  return (text) => {
    let result = mayHoldSecret(text) ? redactKnown(text) : text;
    for (const pattern of furtherPatterns) result = result.replace(pattern, redacted);
    return result;
  };
}

/** Statements come again; those that were looked at last are remembered. */
const seenStatements = new Map<string, string>();
const maxSeenStatements = 500;
const maxSeenLength = 4_096;

/**
 * For the text of a statement. A name without quotes after `token =` is another column there, so that only quoted
 * values go: `WHERE token = sessions.token` stays as it is.
 */
export function redactStatement(text: string): string {
  const seen = seenStatements.get(text);
  if (seen !== undefined) return seen;
  const shown = mayHoldSecret(text) ? redactKnown(text, true) : text;
  if (text.length <= maxSeenLength) {
    if (seenStatements.size >= maxSeenStatements) seenStatements.clear();
    seenStatements.set(text, shown);
  }
  return shown;
}

function redactKnown(text: string, isStatement = false): string {
  let result = text;
  if (result.includes('-----BEGIN')) result = result.replace(privateKey, redacted);
  if (result.includes('eyJ')) result = result.replace(jsonWebToken, redacted);
  if (result.includes('@') && result.includes('://')) result = redactUserinfo(result);
  if (result.includes('=') && !isStatement) {
    result = result.replace(wordWithParameters, redactParameters);
  }
  // Most texts that come this far are URLs without a secret.
  if (!mayHoldMore(result)) return result;
  if (result.includes('<')) {
    result = result
      .replace(element, (match, tag: string, name: string, value: string) =>
        isSecretName(name) && !/^\s*$/.test(value) ? `<${tag}>${redacted}` : match,
      )
      .replace(namedElement, (match, before: string, _quote, name: string, value: string) =>
        isSecretName(name) ? before + inQuotes(value) : match,
      );
  }
  if (result.includes('--')) result = result.replace(argument, redactArgument);
  return redactDatabaseValues(result)
    .replace(credentialHeader, (_match, name: string, between: string, value: string) => {
      return `${name}${between}${inQuotes(value)}`;
    })
    .replace(authScheme, (match, scheme: string, space: string, value: string) =>
      isWord(value) ? match : `${scheme}${space}${redacted}`,
    )
    .replace(statementPassword, (_match, name: string, between: string, value: string) => {
      return `${name}${between}${inQuotes(value)}`;
    })
    .replace(namedValue, (match, name: string, quote: string, between: string, value: string) => {
      const isQuoted = /^\\?["']/.test(value);
      if (value.startsWith(redacted) || (isStatement && !isQuoted)) return match;
      // `token => token.id` is a function.
      if (between.includes('=>') && quote === '' && !isQuoted) return match;
      // "pass: 12" counts tests.
      if (name === 'pass' && /^\d+$/.test(value)) return match;
      // "invalid token: expected a number" contains no secret; "token: 8f14e45fceea" does.
      const isSentence = quote === '' && between.startsWith(':') && between.length > 1 && isWord(value);
      return isSentence && !/^p/i.test(name) ? match : `${name}${quote}${between}${inQuotes(value)}`;
    })
    .replace(knownToken, redacted);
}

function redactArgument(_match: string, name: string, space: string, value: string): string {
  return `${name}${space}${inQuotes(value)}`;
}

/** Keeps the quotes around a value, so that JSON in a text stays JSON. */
function inQuotes(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0];
  if (quote === undefined) return redacted;
  return `${quote}${redacted}${value.length > quote.length && value.endsWith(quote) ? quote : ''}`;
}

/** An ordinary word of a sentence, not a credential. */
function isWord(value: string): boolean {
  return value.length < 24 && /^[A-Za-z]?[a-z]*[.:]?$/.test(value);
}

/** A URL, a path with a query, or a form body: `name=value` pairs joined by `&`. */
function redactParameters(word: string): string {
  const start = word.search(/[?#]/);
  if (start === -1) return /[&;]/.test(word) ? redactQuery(word) : word;
  const hash = word.indexOf('#', start);
  const end = hash === -1 ? word.length : hash;
  const query = redactQuery(word.slice(start + 1, end));
  // The implicit flow of OAuth puts its tokens behind the #.
  const fragment = hash === -1 ? '' : `#${redactQuery(word.slice(hash + 1))}`;
  return hash === start
    ? `${word.slice(0, start)}${fragment}`
    : `${word.slice(0, start + 1)}${query}${fragment}`;
}
