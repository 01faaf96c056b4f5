import type { RedactQuery } from '../redaction/query-redaction.js';
import { mayHoldNamedSecret } from '../redaction/secret-text.js';

/**
 * A path as nearly all are: nothing in it has to be encoded or resolved, and secrets are only looked for in the parameters
 * of its query and behind their names.
 */
const plainPath = /^(?!\/\/)(?:\/(?!\.|%2e)[\w\-.~!$()*+,=:%]*)+(?:\?[^\s"'<>#@?]*)?$/i;

/**
 * The path of a request with its query as a span shows them. To redact `url.full`, `url.path` and `url.query` one by one
 * would look at the same text again and again.
 *
 * @returns undefined for a path that has to be looked at in each of them
 */
export function shownPath(path: string, redactQuery: RedactQuery): string | undefined {
  if (!plainPath.test(path)) return undefined;
  const question = path.indexOf('?');
  const shown = question === -1 ? path : withQuery(path, question + 1, redactQuery(path.slice(question + 1)));
  return mayHoldNamedSecret(shown) ? undefined : shown;
}

function withQuery(path: string, start: number, query: string): string {
  // Mostly the same one, which the path holds already.
  return path.endsWith(query) && path.length === start + query.length ? path : path.slice(0, start) + query;
}
