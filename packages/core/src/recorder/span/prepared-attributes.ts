import type { Attributes, SpanOptions } from '@opentelemetry/api';
import { redactAttribute } from '../../redaction/attribute-redaction.js';
import { type AttributePairs, costOf } from './attribute-pairs.js';
import type { RecorderLimits } from './limits.js';

/** Under this key the options of a span have a function that makes its attributes ready to be recorded. */
export const prepareAttributes = Symbol('throughline.recorder.prepare-attributes');
/** Under this key they have the sizes of the texts among them. */
export const textSizes = Symbol('throughline.recorder.text-sizes');

/** Texts that are longer are measured, and may be cut. */
export const maxPreparedLength = 128;

/** What a span must have room for, so that its attributes may be taken over as they are. */
export interface TextSizes {
  /** Characters of the longest text. */
  readonly longest: number;
  /** Bytes of the longest text. */
  readonly longestBytes: number;
  /** What the texts count against `maxSpanBytes`. */
  readonly cost: number;
}

const shortTexts: TextSizes = { longest: maxPreparedLength, longestBytes: 0, cost: 0 };

/**
 * Options of spans that Throughline itself starts on hot paths. Their attributes need no checks by the recorder: keys
 * differ, and values are of the right type and without secrets.
 */
export interface PreparedSpanOptions extends SpanOptions {
  /** @returns keys and values in turn, which the span takes over; undefined if it is to read `attributes` as usual */
  [prepareAttributes](): AttributePairs | undefined;
  /** Default: no text is longer than {@link maxPreparedLength}. */
  readonly [textSizes]?: TextSizes | undefined;
}

export function preparedAttributesOf(options: SpanOptions): AttributePairs | undefined {
  return (options as Partial<PreparedSpanOptions>)[prepareAttributes]?.();
}

export function textSizesOf(options: SpanOptions): TextSizes {
  return (options as Partial<PreparedSpanOptions>)[textSizes] ?? shortTexts;
}

/** Whether no text has to be cut. */
export function haveRoom(limits: RecorderLimits, { longest, longestBytes, cost }: TextSizes): boolean {
  return (
    longest <= limits.attributeValueLength &&
    longestBytes <= limits.maxValueBytes &&
    cost <= limits.maxSpanBytes
  );
}

/** Attributes that many spans begin with, checked and redacted once. */
export interface ReadyAttributes {
  readonly pairs: AttributePairs;
  readonly sizes: TextSizes;
}

const maxReadyKeyLength = 256;

/** @returns undefined if there is one that the recorder has to look at each time */
export function readyAttributes(attributes: Attributes): ReadyAttributes | undefined {
  const pairs: AttributePairs = [];
  let { longest, longestBytes, cost } = shortTexts;
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (value === undefined) continue;
    if (typeof value === 'object' || key === '' || key.length > maxReadyKeyLength) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return undefined;
    const shown = redactAttribute(key, value) as string | number | boolean;
    if (typeof value === 'string') {
      // What stands in the place of a secret may be longer.
      longest = Math.max(longest, value.length, (shown as string).length);
      if (value.length > maxPreparedLength) longestBytes = Math.max(longestBytes, Buffer.byteLength(value));
      cost += costOf(shown);
    }
    pairs.push(key, shown);
  }
  return { pairs, sizes: { longest, longestBytes, cost } };
}
