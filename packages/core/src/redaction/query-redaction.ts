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
];

export type RedactQuery = (query: string) => string;

/**
 * Makes a function that replaces secret values in a query string (without its `?`) by `REDACTED`. The query
 * itself is never decoded as a whole: what is not a secret stays as the client wrote it.
 */
export function createQueryRedaction(further: readonly string[]): RedactQuery {
  const isSecret = createSecretNames([...secretParameters, ...further]);
  return (query) => {
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
        redacted += `${separator}${isWithinSecret ? `${pair.slice(0, equals)}=REDACTED` : pair}`;
      } else if (!isWithinSecret || separator !== ';') {
        isWithinSecret = false;
        redacted += separator + pair;
      }
      start = end + 1;
    }
    return redacted;
  };
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

/** Redacts the userinfo of every URL in a text, up to the last `@`: a password may hold one. */
export function redactUserinfo(text: string): string {
  return text.replace(/:\/\/[^/?#\s"'<>]*@/g, '://REDACTED:REDACTED@');
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
