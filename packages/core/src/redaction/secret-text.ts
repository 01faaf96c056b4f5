import { copyOf } from '../model/text-copy.js';
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
  /eyJ[\w-]|-----BEGIN|bearer\s|basic\s|digest\s|passw|passphrase|passcode|kennwort|pwd|secret|token|(?:api|private|access|signing|account|master|storage|shared|encryption|license)[-_. ]?key|authorization|cookie|credential|accesssignature|identified\s|(?<![a-z])(?:pin|otp|totp|cvv2?|cvc2?|ssn|pass|pw|auth|jwt|bearer|sid|sig|signature|creds|[cx]srf)\b["'`\\\]]{0,5}[ \t\r\n]{0,4}[>:=,]|senha|contrase|mot de passe|wachtwoord|비밀번호|암호|パスワード|暗証番号|密码|密碼|пароль|%3a%2f%2f|getaddrinfo\s\w{1,16}\s[^\s@]{1,256}@|\/bot\d{6}|sq0[a-z]{3}-|key-[\da-z]{32}|sshpass\s|setuser\s|sessionid|sessid|client_assertion|saml(?:request|response)|(?:masterauth|requirepass|auth2?|curl|mysql(?:dump|admin)?)[ \t\r\n=:]|(?:otp|mfa|2fa|verification|security|recovery|backup)[-_ ]?codes?|gh[pousr]_|github_pat_|xox[a-z]-|xapp-|[rs]k_(?:live|test)_|sk-[\w-]{8}|SG\.|whsec_|ya29\.|hf_|do[por]_v1_|shp(?:at|ca|pa|ss)_|pypi-|GOCSPX-|hvs\.|dckr_pat_|gsk_|ATATT|hooks\.slack|discord\w*\.com\/api\/webhooks|A[KS]IA[0-9A-Z]{16}|AIza|glpat-|npm_|invalid input|invalid hex|malformed|out of range|duplicate|dup key|incorrect|failing row|already exists|not present in table|truncated value|converting the|args beginning|failed query|crypt\(|hmac\(|sha[12]\(|md5\(|jdbc:oracle|:[^\s@/:"'<>]{3,128}@[\w.-]{1,128}(?::\d{2,5}\b|\/|\()|\$\d+ = '/i;

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
  'license',
];

const addressWords: readonly string[] = [
  '://',
  ...['?', '&', '#', ';'].flatMap((before) => [...parameterStarts].map((first) => before + first)),
];
const secretWords: readonly string[] = [
  ...['eyj', '-----begin', 'bearer', 'basic', 'digest', 'kennwort', 'pwd', 'secret', 'token'],
  ...keyKinds.map((kind) => `${kind}key`),
  ...['-key', '_key', '.key', ' key'],
  ...['authorization', 'cookie', 'credential', 'accesssignature', 'identified'],
  ...[
    'passw',
    'passphrase',
    'passcode',
    'cvv',
    'cvc',
    'masterauth',
    'requirepass',
    'client_assertion',
    'samlre',
    'sessid',
    'sessionid',
  ],
  // Short ones are the beginning of many others: `author`, `side`, `passed`.
  ...[
    'pin',
    'otp',
    'ssn',
    'pass',
    'pw',
    'auth',
    'jwt',
    'sid',
    'sig',
    'signature',
    'creds',
    'csrf',
    'xsrf',
  ].flatMap((name) => [...`"'\`\\] \t\n\r>:=,`].map((next) => name + next)),
  ...[
    'mfa',
    '2fa',
    'verification',
    'recovery',
    'otpcode',
    'securitycode',
    'backupcode',
    '-code',
    '_code',
    ' code',
  ],
  ...['curl', 'mysql', 'xapp-', 'sk-', 'sg.', 'whsec_', 'ya29.', 'hf_', 'dop_', 'doo_', 'dor_', 'shpat_'],
  ...[
    'shpca_',
    'shppa_',
    'shpss_',
    'pypi-',
    'gocspx-',
    'hvs.',
    'dckr_',
    'gsk_',
    'atatt',
    'hooks.slack',
    'discord',
  ],
  ...['invalid hex', 'truncated value', 'converting the', 'args beginning', 'failed query'],
  ...['crypt(', 'hmac(', 'sha1(', 'sha2(', 'md5(', 'jdbc:oracle', '@'],
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'xox'],
  ...['rk_live', 'rk_test', 'sk_live', 'sk_test', 'akia', 'asia', 'aiza', 'glpat-', 'npm_'],
  ...['invalid input', 'malformed', 'out of range', 'duplicate', 'dup key', 'incorrect', 'failing row'],
  ...['already exists', 'not present in table', " = '"],
  ...[
    'senha',
    'contrase',
    'mot de passe',
    'wachtwoord',
    '%3a%2f%2f',
    '/bot',
    'sq0',
    'key-',
    'setuser',
    'auth2',
  ],
];
/** The first letters of the words for a password that have no ASCII letters, small and capital ones. */
const secretInitials = '비암パ暗密пП';

/** A pattern, and words of which one is in each text that it matches. */
export const triggers = [
  { pattern: addressTrigger, words: addressWords, initials: '' },
  { pattern: secretTrigger, words: secretWords, initials: secretInitials },
] as const;

const hasAnyWord = createWordScan([...addressWords, ...secretWords], secretInitials);
const hasSecretWord = createWordScan(secretWords, secretInitials);

/**
 * Whether any of the patterns below could apply; for nearly every text the answer is no. To look for words takes a
 * third of the time that the triggers take.
 */
function mayHoldSecret(text: string): boolean {
  return hasAnyWord(text) && (addressTrigger.test(text) || secretTrigger.test(text));
}

/**
 * Whether more than addresses and parameters could be in a text: a secret behind a name, or one with a form of its own. A
 * path whose query was redacted, without one and without a `@`, stays as it is.
 */
export function mayHoldNamedSecret(text: string): boolean {
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
  /\b((?:proxy-)?authorization|(?:set-)?cookie)(["'\\]{0,3}\s{0,4}(?:=>|[:=])\s{0,4})("[^"]*"?|'[^']*'?|\\"(?:[^"\\]|\\(?!"))*(?:\\")?|\[[^[\]]*\]?|digest\s(?:\\{0,8}"[^"\\\r\n]*\\{0,8}"|[^"'\r\n\\])*|[^\r\n"']+)/gi;
/** The last word of the name is enough to find it; the whole name decides. */
const nameEnd = String.raw`passw(?:or)?ds?|passwort|kennwort|passphrase|passcode|pwd|secret[-_]?answer|secrets?|tokens?|(?:api|private|access|secret|signing|account|master|storage|shared|encryption|license)[-_. ]?keys?|credentials?|accesssignature|sess(?:ion)?id|(?:otp|totp|mfa|2fa|verification|security|recovery|backup)[-_ ]?codes?|(?<![a-z])(?:pin|otp|totp|cvv2?|cvc2?|ssn|pass|pw|auth|jwt|bearer|sid|sig|signature|creds|[cx]srf)\b|senha|contrase[ñn]a|mot de passe|wachtwoord|비밀번호|암호|パスワード|暗証番号|密码|密碼|пароль|masterauth|requirepass|client_assertion|saml(?:request|response)`;
/** A quote in HTML. */
const htmlQuote = '&(?:quot|apos|#34|#39|#x22|#x27);';
/** Brackets, quotes and backslashes after the name, and a cast of PostgreSQL. */
const nameClosing = String.raw`((?:\[\]|%5b%5d|%5d|${htmlQuote}|[\]"'${'`'}\\)]){0,17}(?:::\w{1,32})?)`;
/** What is between the two, and the prefix of a literal in SQL. */
const nameSeparator = String.raw`(\s{0,4}(?:=>|:=|!=|<>|[:=→]|%3[ad]|\b(?:not\s{1,4})?i?like\b)\s{0,8}(?:(?:e|n|u&|b|x)(?=['"]))?)`;
/** In quotes, in escaped quotes, a list or an object of quoted values, a block of YAML, in quotes of HTML, or a word. */
const valueAfterName = String.raw`("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.|'')*'?|(\\+["'])(?:(?!(?<!\\)\2)[\s\S])*(?:\2)?|\[(?=\s{0,8}\\*["'])[^[\]]*\]?|\{(?=\s{0,8}\\*["'\w])[^{}]*\}?|\$\$[^$]*(?:\$\$)?|[|>][-+]?[ \t]*\r?\n(?:[ \t]+[^\n]*(?:\n|$))+|${htmlQuote}(?:(?!${htmlQuote})[^<>\r\n]){0,512}|[^\s,;&"'<>{}[\]()]+(?:\[[\w.-]{0,64}\]=[^\s,;&"'<>{}[\]()]*)?)`;
const nameBefore = new RegExp(`(${nameEnd})${nameClosing}${nameSeparator}`, 'gi');
const valueHere = new RegExp(valueAfterName, 'iy');
/** `{"name":"DB_PASSWORD","value":"x"}`, as environments and forms are listed, up to the value; also in YAML. */
const pairBefore =
  /\b(?:name|key)\\{0,8}["']?\s{0,4}:\s{0,4}\\{0,8}["']?([\w.-]{1,64})\\{0,8}["']?,?\s{0,40}\\{0,8}["']?value\\{0,8}["']?\s{0,4}:\s{0,4}/gi;
/** `['authorization', 'Basic x']`: headers as a list, in JSON or as Node prints it. */
const pairedValue = /(["'])([\w.-]{2,64})\1(\s{0,4},\s{0,8})("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/g;
/** `password is x`, `token x is invalid`, `Incorrect API key provided: x`: only what does not look like a word. */
const saidValue =
  /\b(passw(?:or)?d|passphrase|pwd|(?:access|api|auth|bearer|refresh)?[-_ ]?token|(?:api|access|secret)[-_ ]?key|(?:app|client|shared|webhook)[-_ ]secret)(\s{1,4}(?:(?:(?:is|was):?|provided:|of|value|-)\s{1,4})?|\s{0,4}(?:→|[-=]>)\s{0,4})(["'`([]?)((?=[^\s"'`]{0,64}\d)(?=[^\s"'`]{0,64}[a-z])[^\s"'`,;:()]{8,})/gi;
/** `AUTH default x` of Redis, as commands are shown in errors and logs. */
const redisAuth = /\b(AUTH2?|requirepass|masterauth)(\s{1,4}"?)((?:[\w.-]{1,64}"?\s{1,4}"?)?)([^\s"',]{6,})/g;
/** Columns and values of a row, for statements that are shown with their values. */
const insertedRow =
  /\b((?:insert|replace)\s{1,4}(?:ignore\s{1,4})?into\s{1,4}[\w."`[\]]{1,200}\s{0,4}\()([^()]{1,4000})(\)\s{0,4}values\s{0,4})([^;]*)/gi;
/** `password in ('x', 'y')` */
const valueList = new RegExp(
  String.raw`((?:${nameEnd})["'${'`'}\]]{0,4}\s{1,4}(?:not\s{1,4})?in\s{0,4}\()([^()]*)`,
  'gi',
);
const quotedLiteral = /[en]?'(?:[^'\\]|\\.|'')*'?/gi;
/** `crypt('x', …)`: functions whose arguments are secrets. */
const secretFunction = /\b((?:crypt|pgp_sym_(?:en|de)crypt|aes_(?:en|de)crypt|hmac|sha[12]|md5)\()([^()]*)/gi;
/** A user and a password in front of a host, without a scheme: `user:x@db:5432`, `user:x@tcp(db)/orders`. */
const bareUserinfo =
  /(?<![\w:])([\w.%+-]{1,64}):([^\s@/:"'<>]{3,128})(?=@(?:[\w.-]{1,128}(?::\d{2,5}\b|\/)|(?:tcp|unix)\())/g;
/** `https%3A%2F%2Fuser%3Ax%40host` */
const encodedUserinfo = /(%3a%2f%2f)(?:(?!%2f|%3f|%23|%40)[^\s&"'<>]){1,256}%40/gi;
/** `getaddrinfo ENOTFOUND user:x@host`: an address without a scheme was taken for the name of a host. */
const lookedUpUserinfo = /(getaddrinfo \w{1,16} )[^\s@]{1,256}@/gi;
/** `ACL SETUSER shop on >x`, as Redis shows commands. */
const redisUser =
  /\b(SETUSER\s{1,4}"?[^\s"]{1,128}"?(?:\s{1,4}"?[^\s">]{1,128}"?){0,16}\s{1,4}"?[>#<!])[^\s"]+/gi;
const oracleUserinfo = /(jdbc:oracle:\w{1,16}:)[^\s/@]{1,128}\/[^\s@]{1,128}@/gi;
/** `curl -u user:x`, `mysql -px`. */
const loginArgument = /(\s(?:-u|--user)\s{1,4}["']?[^\s:"']{1,128}:)[^\s"']+/g;
const mysqlArgument =
  /(\b(?:mysql(?:dump|admin)?\s(?:[^\n]{0,200}?\s)?-p|sshpass\s{1,4}-p\s{0,4}["']?))[^\s"']+/g;
/** `ALTER USER shop PASSWORD 'x'`, `IDENTIFIED BY 'x'`, `PASSWORD('x')`. */
const statementPassword =
  /\b(passw(?:or)?d|identified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?(?:by|as)(?:\s{1,4}password)?)(\s{1,4}\(?\s{0,4}e?|\(\s{0,4}e?)('(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.)*"?)/gi;
/** `<password>x</password>`; the name of the element is checked afterwards. */
const element = /<((?:[\w.-]{1,40}:)?([\w.-]{1,64})(?:\s[^<>]{0,200})?)>(<!\[CDATA\[[^<]*|[^<]+)/g;
/** `<add key="password" value="x"/>` */
const namedElement = /\b((?:name|key)=(["'])([\w.-]{1,64})\2\s{1,4}value=)("[^"]*"?|'[^']*'?)/gi;
/** `SET PASSWORD FOR u = 'x'` */
const passwordFor =
  /\b(set\s{1,4}password\s{1,4}for\s{1,4}\S{1,128}\s{0,4}=\s{0,4})('(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.)*"?)/gi;
/** `--password x` */
const argument =
  /(?<![\w-])(--?[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|private|access|account)-?key))(\s{1,4})("[^"]*"?|'[^']*'?|[^\s"'-]\S*)/gi;
const knownToken =
  /(?<!\w)(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[a-z]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{35}|glpat-[\w-]{20,}|npm_\w{36}|xapp-[\w-]{20,}|sk-(?:[a-z]{2,10}-)?[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|whsec_\w{16,}|ya29\.[\w-]{20,}|hf_\w{20,}|do[por]_v1_\w{20,}|shp(?:at|ca|pa|ss)_\w{20,}|pypi-[\w-]{16,}|GOCSPX-[\w-]{16,}|hvs\.[\w-]{20,}|dckr_pat_[\w-]{16,}|gsk_\w{20,}|ATATT[\w=-]{20,}|sq0[a-z]{3}-[\w-]{16,}|key-[\da-z]{32}(?!\w))/g;
/** Addresses that are a credential themselves. */
const secretAddress =
  /((?:hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/|\/bot(?=\d{6,12}:)))[\w/:-]+/g;
const wordWithParameters = /[^\s"'<>]+/g;

const redactQuery = createQueryRedaction([]);
const isSecretName = createSecretNames();
const redactAnyText = createTextRedaction([]);

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
const maxUnseenLength = 64;

/**
 * For the text of a statement. A name without quotes after `token =` is another column there, so that only quoted
 * values go: `WHERE token = sessions.token` stays as it is.
 */
export function redactStatement(text: string): string {
  // To remember each key of a command would cost more than to look at it.
  if (text.length <= maxUnseenLength && !hasAnyWord(text)) return text;
  const seen = seenStatements.get(text);
  if (seen !== undefined) return seen;
  const shown = mayHoldSecret(text) ? redactKnown(text, true) : text;
  if (text.length <= maxSeenLength) {
    if (seenStatements.size >= maxSeenStatements) seenStatements.clear();
    seenStatements.set(copyOf(text), copyOf(shown));
  }
  return shown;
}

/** A URL with nothing around it, and with nothing that parameters are looked for in but its query. */
const onlyUrl = /^[^\s"'<>#;&?@]*(?:\?[^\s"'<>#@]*)?$/;

/**
 * The same as the redaction of a text, for a URL whose query was redacted before: parameters need not be looked at again
 * in nearly all of them.
 */
export function redactRequestUrl(url: string): string {
  return onlyUrl.test(url) && !mayHoldNamedSecret(url) ? url : redactAnyText(url);
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
  if (!mayHoldNamedSecret(result)) return result;
  if (result.includes('<')) {
    result = result
      .replace(element, (match, tag: string, name: string, value: string) =>
        isSecretName(name) && !/^\s*$/.test(value) ? `<${tag}>${redacted}` : match,
      )
      .replace(namedElement, (match, before: string, _quote, name: string, value: string) =>
        isSecretName(name) ? before + inQuotes(value) : match,
      );
  }
  if (result.includes('-')) {
    result = result
      .replace(argument, redactArgument)
      .replace(loginArgument, `$1${redacted}`)
      .replace(mysqlArgument, `$1${redacted}`);
  }
  if (result.includes('@')) {
    result = result
      .replace(bareUserinfo, redactBareUserinfo)
      .replace(oracleUserinfo, `$1${redacted}@`)
      .replace(lookedUpUserinfo, `$1${redacted}@`);
  }
  if (result.includes('%40')) result = result.replace(encodedUserinfo, `$1${redacted}%40`);
  if (!isStatement && /value/i.test(result)) result = redactPairs(result);
  if (/values/i.test(result)) result = result.replace(insertedRow, redactRow);
  const withoutStatements = redactDatabaseValues(result)
    .replace(credentialHeader, (_match, name: string, between: string, value: string) => {
      return `${name}${between}${inQuotes(value)}`;
    })
    .replace(authScheme, (match, scheme: string, space: string, value: string) =>
      isWord(value) ? match : `${scheme}${space}${redacted}`,
    )
    .replace(statementPassword, (_match, name: string, between: string, value: string) => {
      return `${name}${between}${inQuotes(value)}`;
    })
    .replace(passwordFor, (_match, before: string, value: string) => before + inQuotes(value))
    .replace(secretFunction, (_match, name: string, values: string) => {
      return name + values.replace(quotedLiteral, `'${redacted}'`);
    })
    .replace(valueList, (match, name: string, values: string) =>
      values.includes("'") ? name + values.replace(quotedLiteral, `'${redacted}'`) : match,
    );
  return redactNamed(withoutStatements, isStatement)
    .replace(pairedValue, (match, quote: string, name: string, between: string, value: string) =>
      isSecretName(name) && !isWord(value.slice(1, -1)) && !isStatement
        ? `${quote}${name}${quote}${between}${inQuotes(value)}`
        : match,
    )
    .replace(saidValue, isStatement ? '$&' : `$1$2$3${redacted}`)
    .replace(redisUser, `$1${redacted}`)
    .replace(redisAuth, (match, command: string, space: string, user: string, value: string) =>
      isWord(value) ? match : `${command}${space}${user}${redacted}`,
    )
    .replace(secretAddress, `$1${redacted}`)
    .replace(knownToken, redacted);
}

/** Flags and emptiness are not secrets. */
const isFlag = /^(?:null|true|false|undefined)$/;

/** The value of each pair that says its name before its value. */
function redactPairs(text: string): string {
  let result = '';
  let written = 0;
  pairBefore.lastIndex = 0;
  for (let found = pairBefore.exec(text); found !== null; found = pairBefore.exec(text)) {
    valueHere.lastIndex = pairBefore.lastIndex;
    const value = isSecretPath(found[1] as string) ? valueHere.exec(text)?.[0] : undefined;
    if (value === undefined || isFlag.test(value)) continue;
    result += text.slice(written, pairBefore.lastIndex) + inQuotes(value);
    written = pairBefore.lastIndex + value.length;
    pairBefore.lastIndex = written;
  }
  return written === 0 ? text : result + text.slice(written);
}

/** `app.jwt`: a name, or the last one of a path. */
function isSecretPath(name: string): boolean {
  return isSecretName(name) || isSecretName(name.slice(name.lastIndexOf('.') + 1));
}

/** Values that follow the name of a secret. What follows another name may be such a name itself. */
function redactNamed(text: string, isStatement: boolean): string {
  let result = '';
  let written = 0;
  nameBefore.lastIndex = 0;
  for (let found = nameBefore.exec(text); found !== null; found = nameBefore.exec(text)) {
    const [match, name = '', closing = '', between = ''] = found;
    valueHere.lastIndex = found.index + match.length;
    const value = isSecretPath(wholeName(text, found.index, name)) ? valueHere.exec(text)?.[0] : undefined;
    if (value !== undefined && isNamedSecret(name, closing, between, value, isStatement)) {
      result += text.slice(written, found.index + match.length) + inQuotes(value);
      written = found.index + match.length + value.length;
      nameBefore.lastIndex = written;
    } else {
      nameBefore.lastIndex = found.index + name.length;
    }
  }
  return written === 0 ? text : result + text.slice(written);
}

/** The name with what is before its last word: `page_` makes a cursor of `token`. */
function wholeName(text: string, offset: number, lastWord: string): string {
  let start = offset;
  while (start > 0 && offset - start < 64 && /[\w.$-]/.test(text[start - 1] as string)) start--;
  const name = text.slice(start, offset) + lastWord;
  // `-password`, `$token`, `.secret`
  return name.replace(/^[-.$]+/, '');
}

function isNamedSecret(
  name: string,
  closing: string,
  between: string,
  value: string,
  isStatement: boolean,
): boolean {
  const isQuoted = /^(?:\\*["']|\$\$)/.test(value);
  if (value.startsWith(redacted) || (isStatement && !isQuoted)) return false;
  // `token => token.id` is a function.
  if (between.includes('=>') && closing === '' && !isQuoted) return false;
  // The placeholder of a parameter.
  if (/^(?:\$\d+|\?|%s)$/.test(value)) return false;
  // "pass: 12" counts tests.
  if (name === 'pass' && /^\d+$/.test(value)) return false;
  // `x like y` is a sentence unless the value is quoted.
  if (/[a-z]/i.test(between.replace(/[enubx&]{0,2}$/i, '').replace(/%3./i, '')) && !isQuoted) return false;
  // "invalid token: expected a number" contains no secret; "token: 8f14e45fceea" does.
  const isSentence = closing === '' && between.startsWith(':') && between.length > 1 && isWord(value);
  return !isSentence || /^passw|^passphrase|^pin|^pw/i.test(name);
}

/** Words before the colon with which addresses begin that have no password. */
const addressKinds = new Set([
  'mailto',
  'sip',
  'sips',
  'xmpp',
  'acct',
  'npm',
  'git',
  'ssh',
  'workspace',
  'file',
]);

function redactBareUserinfo(match: string, user: string, password: string): string {
  if (addressKinds.has(user.toLowerCase()) || /^\d+(?:\.\d+)*$/.test(password) || isWord(password))
    return match;
  return `${user}:${redacted}`;
}

function redactRow(match: string, before: string, columns: string, between: string, values: string): string {
  const hasSecret = columns.split(',').some((column) => isSecretName(column.replace(/["'`[\]\s]/g, '')));
  return hasSecret ? before + columns + between + values.replace(quotedLiteral, `'${redacted}'`) : match;
}

function redactArgument(_match: string, name: string, space: string, value: string): string {
  return `${name}${space}${inQuotes(value)}`;
}

/** Keeps the quotes around a value, so that JSON in a text stays JSON. */
function inQuotes(value: string): string {
  // A list or an object: with the quotes of its first value, so that JSON stays JSON.
  const inner = /^[[{]\s{0,8}(\\*["'])/.exec(value)?.[1];
  if (/^[[{]/.test(value)) return `${inner ?? ''}${redacted}${inner ?? ''}`;
  const quote = /^(?:\\*["']|\$\$)/.exec(value)?.[0];
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
