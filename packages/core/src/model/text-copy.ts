/**
 * A copy of the text in separate memory: V8 keeps the whole text alive of which another one was cut, so what lives long must
 * not be such a part. Unpaired surrogates become U+FFFD, as in UTF-8.
 */
export function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
