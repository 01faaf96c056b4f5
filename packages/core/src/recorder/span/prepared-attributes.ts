import type { SpanOptions } from '@opentelemetry/api';
import type { AttributePairs } from './attribute-pairs.js';

/** Under this key the options of a span have a function that makes its attributes ready to be recorded. */
export const prepareAttributes = Symbol('throughline.recorder.prepare-attributes');

/** Texts that are longer are not prepared: each of them is measured and may be cut. */
export const maxPreparedLength = 128;

/**
 * Options of spans that Throughline itself starts on hot paths. Their attributes need no checks by the recorder: keys
 * differ, and values are of the right type, short and without secrets.
 */
export interface PreparedSpanOptions extends SpanOptions {
  /** @returns keys and values in turn, which the span takes over; undefined if it is to read `attributes` as usual */
  [prepareAttributes](): AttributePairs | undefined;
}

export function preparedAttributesOf(options: SpanOptions): AttributePairs | undefined {
  return (options as Partial<PreparedSpanOptions>)[prepareAttributes]?.();
}
