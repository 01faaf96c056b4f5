import { createSecretNames } from './secret-names.js';

/**
 * Parameters whose values are secrets wherever they appear. The first four are those that the semantic
 * conventions name for url.query; the others are credentials there, under names that mean less elsewhere. The
 * names that are secrets anywhere come on top.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
 */
const secretParameters = [
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'key',
  'code',
  'session',
  'hmac',
  'assertion',
  'client_assertion',
  'SAMLRequest',
  'SAMLResponse',
];

/** How often the value of a parameter is decoded to look for secrets in it: a URL may carry a URL that carries a URL. */
const maxDecoded = 3;

export type RedactQuery = (query: string) => string;

/**
 * Makes a function that replaces secret values in a query string (without its `?`) by `REDACTED`. The query
 * itself is never decoded as a whole: what is not a secret stays as the client wrote it.
 */
export function createQueryRedaction(further: readonly string[]): RedactQuery {
  const isSecret = createSecretNames([...secretParameters, ...further]);
  return (query) => redactPairs(query, isSecret, maxDecoded);
}

function redactPairs(query: string, isSecret: (name: string) => boolean, depth: number): string {
  if (query === '') return query;
  let redacted = '';
  /** A value may hold a `;`; what follows a secret up to the next name belongs to it. */
  let isWithinSecret = false;
  let start = 0;
  while (start <= query.length) {
    const end = endOfPair(query, start);
    const pair = query.slice(start, end);
    const separator = start === 0 ? '' : (query[start - 1] as string);
    const equals = pair.indexOf('=');
    if (equals > 0) {
      isWithinSecret = isSecretParameter(pair.slice(0, equals), isSecret);
      const value = isWithinSecret ? 'REDACTED' : redactEncoded(pair.slice(equals + 1), isSecret, depth);
      redacted += `${separator}${pair.slice(0, equals + 1)}${value}`;
    } else if (!isWithinSecret || separator !== ';') {
      isWithinSecret = false;
      redacted += separator + pair;
    }
    start = end + 1;
  }
  return redacted;
}

/** A value that is a URL or a query in encoded form: `redirect=https%3A%2F%2Fh%2F%3Ftoken%3Dx`. */
function redactEncoded(value: string, isSecret: (name: string) => boolean, depth: number): string {
  if (depth === 0 || !/%(?:25)*(?:3d|40|3a)/i.test(value)) return value;
  let decoded: string;
  try {
    decoded = decodeURIComponent(value);
  } catch {
    return value;
  }
  const withoutUser = redactUserinfo(decoded);
  if (/^\s*[[{]/.test(withoutUser)) return redactJson(value, withoutUser, isSecret);
  const start = withoutUser.search(/[?#]/) + 1;
  const shown = withoutUser.slice(0, start) + redactPairs(withoutUser.slice(start), isSecret, depth - 1);
  return shown === decoded ? value : encodeURIComponent(shown);
}

/** A member of an object with a text or a number in it. */
const jsonMember = /("((?:[^"\\]|\\.){1,64})"\s{0,8}:\s{0,8})("(?:[^"\\]|\\.)*"?|[\w.+-]+)/g;

/** A value that is JSON: `filter=%7B%22token%22%3A%22x%22%7D`. */
function redactJson(value: string, json: string, isSecret: (name: string) => boolean): string {
  const shown = json.replace(jsonMember, (match, before: string, name: string) =>
    isSecret(name) ? `${before}"REDACTED"` : match,
  );
  return shown === json ? value : encodeURIComponent(shown);
}

/** Some servers treat `;` like `&`, as the HTML 4 recommendation required. */
function endOfPair(query: string, start: number): number {
  for (let i = start; i < query.length; i++) {
    const character = query.charCodeAt(i);
    if (character === 0x26 || character === 0x3b) return i;
  }
  return query.length;
}

/** `password`, and the same in brackets: `user[password]`, `token[]`, `login[pin][0]`. */
function isSecretParameter(written: string, isSecret: (name: string) => boolean): boolean {
  const name = decodedName(written);
  if (!name.includes('[')) return isSecret(name);
  return name.split(/[[\]]/).some((part) => part !== '' && isSecret(part));
}

function decodedName(name: string): string {
  if (!name.includes('%') && !name.includes('+')) return name.toLowerCase();
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).trim().toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** Up to the last `@`: a password may hold one. */
const userinfo = /:\/\/[^/?#\s"'<>]*@/g;
const emptied = '://REDACTED:REDACTED@';
/** A user and a colon, and then what cannot be a port: a password in which `/`, `?` or `#` is not encoded. */
const passwordStart = /[^/?#@:[\]]{0,256}:(?!\d{0,5}(?:[/?#,]|$))/y;

/** Redacts the userinfo of every URL in a text. */
export function redactUserinfo(text: string): string {
  if (!text.includes('@') || !text.includes('://')) return text;
  return text.replace(userinfo, emptied).replace(/[^\s"'<>]+/g, redactBrokenUserinfo);
}

function redactBrokenUserinfo(word: string): string {
  const end = word.lastIndexOf('@');
  if (end === -1) return word;
  for (let start = word.indexOf('://'); start !== -1 && start < end; start = word.indexOf('://', start + 3)) {
    if (word.startsWith(emptied, start)) continue;
    passwordStart.lastIndex = start + 3;
    if (passwordStart.test(word)) return word.slice(0, start) + emptied + word.slice(end + 1);
  }
  return word;
}

/** Redacts the query and the userinfo of a full URL. */
export function redactUrl(url: string, redactQuery: RedactQuery): string {
  const withoutUser = redactUserinfo(url);
  const question = withoutUser.indexOf('?');
  if (question === -1) return withoutUser;
  const hash = withoutUser.indexOf('#', question);
  const end = hash === -1 ? withoutUser.length : hash;
  return `${withoutUser.slice(0, question + 1)}${redactQuery(withoutUser.slice(question + 1, end))}${withoutUser.slice(end)}`;
}
