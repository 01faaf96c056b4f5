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

/** https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits, and limits in bytes, which the specification does not have. */
export const spanLimitOptions = group(
  'Limits of one span. The span counts what is dropped. A value that is cut to a number of bytes ends with a note.',
  {
    attributeCount: count(
      'Maximum number of attributes of a span.',
      'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
      'OTEL_ATTRIBUTE_COUNT_LIMIT',
    ),
    attributeValueLength: option({
      type: 'number',
      description:
        'Maximum length of a text in an attribute, in characters. Longer texts are cut without a mark.',
      fallbackText: 'none; `maxValueBytes` applies',
      environment: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'].map(
        (name) => ({ name, parse: parseNumber(lengthLimits) }),
      ),
      parse: checkNumber(lengthLimits),
    }),
    eventCount: count(
      'Maximum number of events of a span. Beyond it the oldest is dropped.',
      'OTEL_SPAN_EVENT_COUNT_LIMIT',
    ),
    linkCount: count(
      'Maximum number of links of a span. Beyond it the oldest is dropped.',
      'OTEL_SPAN_LINK_COUNT_LIMIT',
    ),
    attributesPerEvent: count(
      'Maximum number of attributes of an event.',
      'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
    ),
    attributesPerLink: count('Maximum number of attributes of a link.', 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'),
    maxValueBytes: option({
      type: 'number',
      description:
        'Maximum size, in bytes, of one value, of the message or stack of an exception, or of the description of a status.',
      fallback: 16_384,
      parse: checkNumber(bytesLimits),
    }),
    maxSpanBytes: option({
      type: 'number',
      description: 'Approximate maximum size of all values of one span together, in bytes.',
      fallback: 131_072,
      parse: checkNumber(bytesLimits),
    }),
  },
);
