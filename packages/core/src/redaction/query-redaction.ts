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

/** @returns the same text if there is nothing to redact in it */
function redactPairs(query: string, isSecret: (name: string) => boolean, depth: number): string {
  let redacted = '';
  /** Where the part of the query begins that is not in `redacted` yet. */
  let rest = 0;
  /** A value may hold a `;`; what follows a secret up to the next name belongs to it. */
  let isWithinSecret = false;
  let start = 0;
  while (start <= query.length) {
    let equals = -1;
    let end = start;
    for (; end < query.length; end++) {
      const character = query.charCodeAt(end);
      if (isEndOfPair(character)) break;
      if (character === 0x3d && equals === -1) equals = end;
    }
    if (equals > start) {
      isWithinSecret = isSecretParameter(query.slice(start, equals), isSecret);
      const value = query.slice(equals + 1, end);
      const shown = isWithinSecret ? 'REDACTED' : redactEncoded(value, isSecret, depth);
      if (shown !== value) {
        redacted += query.slice(rest, equals + 1) + shown;
        rest = end;
      }
    } else if (isWithinSecret && query[start - 1] === ';') {
      redacted += query.slice(rest, start - 1);
      rest = end;
    } else {
      isWithinSecret = false;
    }
    start = end + 1;
  }
  return rest === 0 ? query : redacted + query.slice(rest);
}

/** Some servers treat `;` like `&`, as the HTML 4 recommendation required. */
function isEndOfPair(character: number): boolean {
  return character === 0x26 || character === 0x3b;
}

/** A value that is a URL or a query in encoded form: `redirect=https%3A%2F%2Fh%2F%3Ftoken%3Dx`. */
function redactEncoded(value: string, isSecret: (name: string) => boolean, depth: number): string {
  if (depth === 0 || !value.includes('%') || !/%(?:25)*(?:3d|40|3a)/i.test(value)) return value;
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
