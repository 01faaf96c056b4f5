import type { Attributes } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { withShortTexts } from '../recorder/span/bounded-text.js';
import { redactAttribute, redactMessage } from '../redaction/attribute-redaction.js';

/** How far beyond the limit a text is kept until its secrets are out: half of a secret no longer has the form of one. */
const secretReach = 1_024;

/** The limit for the SDK, which cuts a value when it is set. {@link createRedactingProcessor} cuts it to the right length. */
export function lengthLimitBeforeRedaction(maxValueLength: number): number {
  return maxValueLength + secretReach;
}

/**
 * The recorder redacts what is set; spans of the SDK are redacted once, at their end.
 *
 * @param maxValueLength of a text in an attribute, in characters
 */
export function createRedactingProcessor(maxValueLength = Number.POSITIVE_INFINITY): SpanProcessor {
  return {
    onStart() {},
    onEnding(span) {
      redactAttributes(span.attributes, maxValueLength);
      for (const event of span.events) {
        redactAttributes(event.attributes, maxValueLength);
        event.name = redactName(event.name);
      }
      for (const { attributes } of span.links) redactAttributes(attributes, maxValueLength);
      const { message } = span.status;
      if (message !== undefined) span.status.message = redactMessage(message);
      const name = redactName(span.name);
      if (name !== span.name) span.updateName(name);
    },
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

/** The SDK keeps a name of any type. */
function redactName(name: string): string {
  return typeof name === 'string' ? redactMessage(name) : name;
}

function redactAttributes(attributes: Attributes | undefined, maxLength: number): void {
  if (!attributes) return;
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const shown = withShortTexts(redactAttribute(key, value), maxLength) as typeof value;
    if (shown !== value) attributes[key] = shown;
  }
}
