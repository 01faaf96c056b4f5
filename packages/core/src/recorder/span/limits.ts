/**
 * How much one span may hold. The counts and `attributeValueLength` are those of the specification
 * (https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits); the limits in bytes are our own, because a
 * service reports what its callers send, and a caller must not choose how much memory that takes.
 */
export interface RecorderLimits {
  /** Maximum number of attributes of a span. Default: 128. */
  readonly attributeCount: number;
  /** Maximum length of a string value of an attribute, in characters. Longer values are cut without a mark. Default: no limit. */
  readonly attributeValueLength: number;
  /** Maximum number of events of a span. Beyond it the oldest is dropped. Default: 128. */
  readonly eventCount: number;
  /** Maximum number of links of a span. Beyond it the oldest is dropped. Default: 128. */
  readonly linkCount: number;
  /** Most attributes of an event. Default: 128. */
  readonly attributesPerEvent: number;
  /** Most attributes of a link. Default: 128. */
  readonly attributesPerLink: number;
  /**
   * Most bytes of one attribute value, of an exception's message or stack, or of the description of a status. What is
   * longer is cut, and says so at its end. Default: 16,384.
   */
  readonly maxValueBytes: number;
  /** Most bytes of a span's name, of an event's name, or of an attribute's key. Default: 1,024. */
  readonly maxNameBytes: number;
  /**
   * About the most bytes that the values of one span take together; what does not fit is dropped and counted in
   * the span. Default: 131,072.
   */
  readonly maxSpanBytes: number;
}

export const defaultLimits: RecorderLimits = {
  attributeCount: 128,
  attributeValueLength: Number.POSITIVE_INFINITY,
  eventCount: 128,
  linkCount: 128,
  attributesPerEvent: 128,
  attributesPerLink: 128,
  maxValueBytes: 16_384,
  maxNameBytes: 1_024,
  maxSpanBytes: 131_072,
};
