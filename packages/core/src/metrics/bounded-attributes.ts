import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { IAttributesProcessor } from '@opentelemetry/sdk-metrics';
import { maxLabelValueLength, shownLabelValue } from '../instruments/series-limit.js';
import { copyOf } from '../model/text-copy.js';

/** More labels than a metric has; those beyond are left out. */
const maxAttributes = 64;
const maxElements = 32;
const maxRemembered = 2_000;
/** V8 copies shorter parts of a text. */
const maxCopiedLength = 12;

/**
 * Bounds what the SDK keeps of the attributes of a metric, which is as long as the process lives: values are cut as those of
 * labels are, and no text is a part of a larger one, which would be kept with it.
 */
export function boundedAttributes(): IAttributesProcessor {
  const remembered = new Map<string, string>();

  function kept(text: string): string {
    if (text.length <= maxCopiedLength) return text;
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const copy = copyOf(shownLabelValue(text));
    if (remembered.size < maxRemembered && text.length <= maxLabelValueLength) remembered.set(copy, copy);
    return copy;
  }

  const keptValue = (value: unknown) => (typeof value === 'string' ? kept(value) : value);

  return {
    process(attributes) {
      const bounded: Attributes = {};
      let count = 0;
      for (const name of Object.keys(attributes)) {
        if (++count > maxAttributes) break;
        const value = attributes[name];
        bounded[kept(name)] = Array.isArray(value)
          ? (value.slice(0, maxElements).map(keptValue) as AttributeValue)
          : (keptValue(value) as AttributeValue | undefined);
      }
      return bounded;
    },
  };
}
