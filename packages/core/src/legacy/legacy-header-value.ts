/** Longer values are cut: no trace id is longer, and a hostile one must not fill spans, lines and headers. */
const maxLength = 512;

/**
 * The value of an old header as everything else uses it: for the trace id, in logs, and on outgoing calls. A header
 * that came twice counts by its first value; HTTP joins them by commas. What is not visible ASCII becomes `?`, so that
 * it can neither forge a log line nor be refused as a header.
 *
 * @returns undefined for anything that is not a value
 */
export function oldValue(raw: unknown): string | undefined {
  const first: unknown = Array.isArray(raw) ? raw[0] : raw;
  if (typeof first !== 'string') return undefined;
  let text = first.length > maxLength ? first.slice(0, maxLength) : first;
  const comma = text.indexOf(',');
  if (comma !== -1) text = text.slice(0, comma);
  text = text.trim();
  if (text === '') return undefined;
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/[^\x20-\x7e]/g, '?');
}
