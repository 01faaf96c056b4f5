import { copyOf } from '../../model/text-copy.js';

const encoder = new TextEncoder();

/**
 * The text, or as much of its beginning as fits into so many bytes of UTF-8, with a note of what was cut. What is cut
 * is a copy: a substring would keep the whole text in memory.
 *
 * @param length of the whole text, in characters, if `text` is only its beginning
 */
export function boundedText(text: string, maxBytes: number, length = text.length): string {
  if (length <= text.length && fits(text, maxBytes)) return text;
  const note = encoder.encode(`… [cut: ${length} characters]`);
  const bytes = Buffer.allocUnsafe(maxBytes);
  const room = bytes.subarray(0, Math.max(0, maxBytes - note.length));
  // Ends between characters, never within one.
  const { written } = encoder.encodeInto(text, room);
  const end = written + Math.min(note.length, maxBytes - written);
  bytes.set(note.subarray(0, end - written), written);
  return bytes.toString('utf8', 0, end);
}

/** Whether the text takes at most so many bytes of UTF-8. */
export function fits(text: string, maxBytes: number): boolean {
  // A character takes three bytes at most, a pair of surrogates four.
  return text.length * 3 <= maxBytes || (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes);
}

/** The first characters of a text as a copy, never half of a surrogate pair. */
export function firstCharacters(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return copyOf(text.slice(0, isHalf ? maxLength - 1 : maxLength));
}

/** The value of an attribute with at most so many characters in each of its texts; the same value if none is longer. */
export function withShortTexts<T>(value: T, maxLength: number): T | string | readonly unknown[] {
  if (typeof value === 'string') return firstCharacters(value, maxLength);
  if (!Array.isArray(value)) return value;
  const isLong = (element: unknown) => typeof element === 'string' && element.length > maxLength;
  return value.some(isLong)
    ? value.map((element) => (isLong(element) ? firstCharacters(element, maxLength) : element))
    : value;
}
