/** A request that is not OTLP: the message says what is wrong with it, for its sender. */
export class OtlpError extends Error {
  override readonly name = 'OtlpError';
}
