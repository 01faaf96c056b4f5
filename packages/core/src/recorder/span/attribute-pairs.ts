import { diag } from '@opentelemetry/api';
import { redactAttribute } from '../../redaction/attribute-redaction.js';
import { boundedMessage } from './bounded-message.js';
import { withShortTexts } from './bounded-text.js';
import type { RecorderLimits } from './limits.js';

/** A value as it is recorded: checked, bounded, and copied, so that the caller cannot change it. */
export type RecordedValue = string | number | boolean | readonly unknown[] | undefined;

/** Keys and values in turn: `[key, value, key, value, …]`. One array per span, and no object per attribute. */
export type AttributePairs = (RecordedValue | string)[];

/** Stands for a value that cannot be recorded. */
export const notRecordable = Symbol('not recordable');

/** Texts up to this length are not measured one by one. */
const shortTextLength = 128;

/**
 * The value as it is recorded, or {@link notRecordable}. The rules are the SDK's: strings, numbers, booleans, and
 * arrays of one of these that may have holes.
 */
export function recordedValue(value: unknown, limits: RecorderLimits): RecordedValue | typeof notRecordable {
  switch (typeof value) {
    case 'string':
      return value.length <= shortTextLength ? shortText(value, limits) : longText(value, limits);
    case 'number':
    case 'boolean':
      return value;
    case 'undefined':
      return undefined;
    case 'object':
      return value === null ? undefined : recordedArray(value, limits);
    default:
      return notRecordable;
  }
}

function shortText(text: string, limits: RecorderLimits): string {
  return text.length > limits.attributeValueLength ? longText(text, limits) : text;
}

function longText(text: string, { attributeValueLength, maxValueBytes }: RecorderLimits): string {
  return boundedMessage(text, maxValueBytes, attributeValueLength > 0 ? attributeValueLength : undefined);
}

function recordedArray(value: object, limits: RecorderLimits): RecordedValue | typeof notRecordable {
  try {
    if (!Array.isArray(value)) return notRecordable;
    const { length } = value;
    const recorded: unknown[] = [];
    let type: string | undefined;
    let bytes = 0;
    for (let i = 0; i < length; i++) {
      const element: unknown = value[i];
      if (element === null || element === undefined) {
        recorded.push(undefined);
        bytes += 4;
      } else {
        const elementType = typeof element;
        if (elementType !== 'string' && elementType !== 'number' && elementType !== 'boolean') {
          return notRecordable;
        }
        type ??= elementType;
        if (elementType !== type) return notRecordable;
        const one = recordedValue(element, limits);
        recorded.push(one);
        bytes += typeof one === 'string' ? Buffer.byteLength(one) + 8 : 12;
      }
      if (bytes > limits.maxValueBytes) {
        recorded[recorded.length - 1] = `… [cut: ${length} elements]`;
        return recorded;
      }
    }
    return recorded;
  } catch {
    // A revoked Proxy, or an element that throws when it is read.
    return notRecordable;
  }
}

/** A recorded value without secrets. What stands in their place may be longer than they are: the limit holds for it as well. */
export function shownValue(
  key: string,
  recorded: RecordedValue,
  { attributeValueLength }: RecorderLimits,
): RecordedValue {
  const shown = redactAttribute(key, recorded) as RecordedValue;
  return shown === recorded || attributeValueLength <= 0
    ? shown
    : (withShortTexts(shown, attributeValueLength) as RecordedValue);
}

/** About how much memory a value takes; nothing for what is small, since the number of attributes is bounded too. */
export function costOf(value: RecordedValue): number {
  if (typeof value === 'string') return value.length > shortTextLength ? value.length : 0;
  if (typeof value !== 'object') return 0;
  let bytes = 0;
  for (const element of value) bytes += typeof element === 'string' ? element.length + 8 : 12;
  return bytes;
}

export function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '';
}

/** The place of a key in the pairs, or -1. */
export function indexOfKey(pairs: AttributePairs, key: string): number {
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === key) return i;
  }
  return -1;
}

/** Calls with every own property; one that throws when it is read is passed over. */
export function eachAttribute(attributes: unknown, use: (key: string, value: unknown) => void): void {
  if (typeof attributes !== 'object' || attributes === null) return;
  let keys: string[];
  try {
    keys = Object.keys(attributes);
  } catch {
    diag.warn('Attributes cannot be read.');
    return;
  }
  for (const key of keys) {
    let value: unknown;
    try {
      value = (attributes as Record<string, unknown>)[key];
    } catch {
      diag.warn(`The attribute ${key} cannot be read.`);
      continue;
    }
    use(key, value);
  }
}

/** The attributes of an event or a link. */
export interface BoundedAttributes {
  readonly pairs: AttributePairs;
  readonly droppedCount: number;
  readonly bytes: number;
}

const none: BoundedAttributes = { pairs: [], droppedCount: 0, bytes: 0 };

export function boundedAttributes(
  attributes: unknown,
  maxCount: number,
  limits: RecorderLimits,
): BoundedAttributes {
  if (attributes === undefined || attributes === null) return none;
  const pairs: AttributePairs = [];
  let droppedCount = 0;
  let bytes = 0;
  eachAttribute(attributes, (key, value) => {
    if (!isKey(key)) return diag.warn(`Invalid attribute key: ${key}`);
    const recorded = pairs.length >= maxCount * 2 ? undefined : recordedValue(value, limits);
    if (recorded === notRecordable) return diag.warn(`Invalid attribute value set for key: ${key}`);
    if (pairs.length >= maxCount * 2 || key.length > limits.maxNameBytes) {
      // What could not have been recorded is not counted either.
      if (recordedValue(value, limits) !== notRecordable) droppedCount++;
      return;
    }
    const shown = shownValue(key, recorded, limits);
    pairs.push(key, shown);
    bytes += key.length + 16 + (typeof shown === 'string' ? shown.length : costOf(shown));
  });
  return { pairs, droppedCount, bytes };
}
