import { checkNumber, group, option, parseNumber } from './option.js';

const countLimits = { min: 0, max: 1_000_000, integer: true };
const lengthLimits = { min: 1, max: 100_000_000, integer: true };
const bytesLimits = { min: 256, max: 100_000_000, integer: true };

function count(description: string, ...variables: string[]) {
  return option({
    type: 'number',
    description,
    fallback: 128,
    environment: variables.map((name) => ({ name, parse: parseNumber(countLimits) })),
    parse: checkNumber(countLimits),
  });
}

/** https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits, and limits in bytes, which the specification lacks. */
export const spanLimitOptions = group(
  'How much one span may hold. What is dropped is counted in the span; what is cut to a number of bytes says so at its end.',
  {
    attributeCount: count(
      'Most attributes of a span.',
      'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_ATTRIBUTE_COUNT_LIMIT',
    ),
    attributeValueLength: option({
      type: 'number',
      description: 'Longest text in an attribute, in characters; longer ones are cut without a mark.',
      fallbackText: 'none; `maxValueBytes` holds',
      environment: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'].map(
        (name) => ({ name, parse: parseNumber(lengthLimits) }),
      ),
      parse: checkNumber(lengthLimits),
    }),
    eventCount: count(
      'Most events of a span; the oldest makes room for the newest.',
      'OTEL_SPAN_EVENT_COUNT_LIMIT',
    ),
    linkCount: count(
      'Most links of a span; the oldest makes room for the newest.',
      'OTEL_SPAN_LINK_COUNT_LIMIT',
    ),
    attributesPerEvent: count('Most attributes of an event.', 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'),
    attributesPerLink: count('Most attributes of a link.', 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    maxValueBytes: option({
      type: 'number',
      description:
        'Most bytes of one value, of the message or the stack of an exception, or of the description of a status.',
      fallback: 16_384,
      parse: checkNumber(bytesLimits),
    }),
    maxSpanBytes: option({
      type: 'number',
      description: 'About the most bytes that the values of one span take together.',
      fallback: 131_072,
      parse: checkNumber(bytesLimits),
    }),
  },
);
