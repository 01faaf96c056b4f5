import { redactMessage } from '../redaction/attribute-redaction.js';

/** A value of an annotation: what both a span and a log line can carry. */
export type AnnotationValue = string | number | boolean | readonly (string | number | boolean)[];

/** Fields of a request, message or job by their names. Values that are undefined or null are left out. */
export type AnnotationFields = Readonly<Record<string, AnnotationValue | bigint | Date | null | undefined>>;

/** Most fields of one unit of work. */
const maxAnnotations = 64;
/** Most characters of one text. Longer ones are cut. */
const maxTextLength = 1_024;
/** Most characters of all fields of one unit of work, names included. */
const maxTotalLength = 16_384;
const maxElements = 32;

/** What one unit of work has gathered. */
export class Annotations {
  private readonly byName = new Map<string, AnnotationValue>();
  private totalLength = 0;

  /** @returns whether there was room for it */
  set(name: string, value: AnnotationValue): boolean {
    const before = this.byName.get(name);
    if (before === undefined && this.byName.size >= maxAnnotations) return false;
    const length =
      this.totalLength + lengthOf(value) - (before === undefined ? -name.length : lengthOf(before));
    if (length > maxTotalLength) return false;
    this.totalLength = length;
    this.byName.set(name, value);
    return true;
  }

  entries(): Iterable<[string, AnnotationValue]> {
    return this.byName;
  }
}

function lengthOf(value: AnnotationValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object') return 8;
  let length = 0;
  for (const element of value) length += typeof element === 'string' ? element.length : 8;
  return length;
}

const nameForm = /^[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*$/;
const maxNameLength = 64;

/** Whether a name can be a span attribute, and a field that LogQL can select. */
export function isAnnotationName(name: string): boolean {
  return name.length <= maxNameLength && nameForm.test(name);
}

/**
 * The value as it is recorded, without secrets.
 *
 * @returns undefined if neither a span nor a line can carry it
 * @throws what a hostile value throws when it is read
 */
export function annotationValue(value: unknown): AnnotationValue | undefined {
  const single = singleValue(value);
  if (single !== undefined) return single;
  if (!Array.isArray(value)) return undefined;
  const elements: (string | number | boolean)[] = [];
  for (let index = 0; index < value.length && index < maxElements; index++) {
    const element = singleValue(value[index]);
    // An array attribute of a span has elements of one type.
    if (element === undefined || (index > 0 && typeof element !== typeof elements[0])) return undefined;
    elements.push(element);
  }
  return elements;
}

function singleValue(value: unknown): string | number | boolean | undefined {
  switch (typeof value) {
    case 'string':
      return shownText(value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'bigint':
      return shownText(value.toString());
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
  }
}

/** Secrets go before the text is cut: half of one no longer has its form. */
function shownText(text: string): string {
  const shown = redactMessage(text.length > 2 * maxTextLength ? text.slice(0, 2 * maxTextLength) : text);
  if (shown.length <= maxTextLength) return shown;
  // Never half of a surrogate pair.
  return `${shown.slice(0, maxTextLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
