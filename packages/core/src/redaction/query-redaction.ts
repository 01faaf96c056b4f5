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
    for (const pair of query.split('&')) {
      if (redacted !== '') redacted += '&';
      const equals = pair.indexOf('=');
      redacted +=
        equals > 0 && isSecret(decodedName(pair.slice(0, equals)))
          ? `${pair.slice(0, equals)}=REDACTED`
          : pair;
    }
    return redacted;
  };
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
