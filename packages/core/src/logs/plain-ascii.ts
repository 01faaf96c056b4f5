/** For longer texts a regular expression is faster than the loop. */
const maxLength = 64;

/**
 * Whether a text is short and has only characters that are one byte each and that JSON writes as they are. Most texts of
 * a line are like that, and to find out takes a fraction of the time of the general rules. False means nothing.
 */
export function isPlainAscii(text: string): boolean {
  const { length } = text;
  if (length > maxLength) return false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 /* " */ || code === 0x5c /* \\ */) return false;
  }
  return true;
}
