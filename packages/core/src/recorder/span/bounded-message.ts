import { redactMessage } from '../../redaction/attribute-redaction.js';
import { boundedText, firstCharacters, fits } from './bounded-text.js';

/** How far beyond a cut is read, in characters, to find the end of a secret that begins before it. */
const secretReach = 1_024;

/**
 * A text that may be too long, cut as {@link boundedText} does. Its secrets go before it is cut: half of a secret no
 * longer has the form of one. A text that fits comes back as it is.
 *
 * @param maxLength in characters; cut without a note
 */
export function boundedMessage(text: string, maxBytes: number, maxLength = Number.POSITIVE_INFINITY): string {
  if (text.length <= maxLength && fits(text, maxBytes)) return text;
  const most = Math.min(maxLength, maxBytes);
  const beginning = redactMessage(firstCharacters(text, most + secretReach));
  if (text.length > maxLength && fits(beginning.slice(0, maxLength), maxBytes)) {
    return firstCharacters(beginning, maxLength);
  }
  return boundedText(beginning, maxBytes, text.length);
}
