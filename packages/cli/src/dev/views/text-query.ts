import type { Attributes, AttributeValue, LogRecord, Span } from '../model/telemetry.js';

/** A text that somebody searches for: words, each anywhere in the item, and `name=value`, where an attribute is equal. */
export interface TextQuery {
  readonly words: readonly string[];
  readonly pairs: readonly { readonly name: string; readonly value: string }[];
}

/** Words are separated by blanks; quotes keep blanks together: `url.path="/a b"`. */
export function parseTextQuery(text: string): TextQuery {
  const words: string[] = [];
  const pairs: { name: string; value: string }[] = [];
  for (const [, name, quotedValue, value, quoted, word] of text.matchAll(
    /([\w.-]+)=(?:"([^"]*)"|(\S+))|"([^"]*)"|(\S+)/g,
  )) {
    if (name !== undefined) pairs.push({ name, value: quotedValue ?? value ?? '' });
    else words.push((quoted ?? word ?? '').toLowerCase());
  }
  return { words, pairs };
}

export function matchesSpan(span: Span, { words, pairs }: TextQuery): boolean {
  return (
    pairs.every(
      ({ name, value }) =>
        isEqual(span.attributes, name, value) || isEqual(span.resource.attributes, name, value),
    ) &&
    words.every(
      (word) =>
        has(span.name, word) ||
        has(span.resource.serviceName, word) ||
        has(span.statusMessage, word) ||
        attributesHave(span.attributes, word) ||
        span.events.some((event) => has(event.name, word) || attributesHave(event.attributes, word)),
    )
  );
}

export function matchesLine(line: LogRecord, { words, pairs }: TextQuery): boolean {
  return (
    pairs.every(({ name, value }) => isEqual(line.attributes, name, value)) &&
    words.every(
      (word) =>
        has(line.message, word) || has(line.serviceName, word) || attributesHave(line.attributes, word),
    )
  );
}

const has = (text: string, word: string): boolean => text.toLowerCase().includes(word);

const isEqual = (attributes: Attributes, name: string, value: string): boolean =>
  attributes[name] !== undefined && String(attributes[name]) === value;

function attributesHave(attributes: Attributes, word: string): boolean {
  for (const name in attributes) if (valueHas(attributes[name] ?? null, word)) return true;
  return false;
}

function valueHas(value: AttributeValue, word: string): boolean {
  if (typeof value === 'string') return has(value, word);
  if (value === null) return false;
  return typeof value === 'object' ? has(JSON.stringify(value), word) : String(value).includes(word);
}
