import type { Attributes } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { redactAttribute, redactMessage } from '../redaction/attribute-redaction.js';

/** The recorder redacts what is set; spans of the SDK are redacted once, at their end. */
export const redactingProcessor: SpanProcessor = {
  onStart() {},
  onEnding(span) {
    redactAttributes(span.attributes);
    for (const { attributes } of span.events) redactAttributes(attributes);
    for (const { attributes } of span.links) redactAttributes(attributes);
    const { message } = span.status;
    if (message !== undefined) span.status.message = redactMessage(message);
  },
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

function redactAttributes(attributes: Attributes | undefined): void {
  if (!attributes) return;
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const shown = redactAttribute(key, value) as typeof value;
    if (shown !== value) attributes[key] = shown;
  }
}
