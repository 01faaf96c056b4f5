import type { TextMapGetter } from '@opentelemetry/api';
import type { MessageHeaders } from '../plugin/messaging.js';

/** Far above any trace context, far below what would cost time to decode for nothing. */
const maxValueBytes = 8_192;

/** The text of a header value; undefined for what cannot be a trace context. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.length <= maxValueBytes ? value : undefined;
  if (value instanceof Uint8Array) {
    if (value.byteLength > maxValueBytes) return undefined;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
    return text.includes('\uFFFD') ? undefined : text;
  }
  // A header may be there more than once; the first one counts, as for HTTP.
  if (Array.isArray(value))
    return value.length > 0 && !Array.isArray(value[0]) ? textOf(value[0]) : undefined;
  return undefined;
}

export function findValue(headers: MessageHeaders, name: string): unknown {
  if (Array.isArray(headers)) return headers.find((entry) => entry && Object.hasOwn(entry, name))?.[name];
  if (headers instanceof Map) {
    const value = headers.get(name);
    if (value !== undefined) return value;
    for (const [key, found] of headers) if (key instanceof Uint8Array && textOf(key) === name) return found;
    return undefined;
  }
  return Object.hasOwn(headers, name) ? (headers as Record<string, unknown>)[name] : undefined;
}

/** Reads trace context from the headers of a message. Any producer may have written them. */
export const headerGetter: TextMapGetter<MessageHeaders> = {
  get: (headers, name) => textOf(findValue(headers, name)),
  keys(headers) {
    if (Array.isArray(headers)) return headers.flatMap((entry) => Object.keys(entry ?? {}));
    if (headers instanceof Map) return [...headers.keys()].map((key) => textOf(key) ?? '');
    return Object.keys(headers);
  },
};

export function hasHeader(headers: MessageHeaders, name: string): boolean {
  const value = findValue(headers, name);
  return value !== undefined && value !== null;
}

export function setHeader(headers: MessageHeaders, name: string, value: string): void {
  if (Array.isArray(headers)) headers.push({ [name]: value });
  else if (headers instanceof Map) headers.set(usesBuffers(headers) ? Buffer.from(name) : name, value);
  else (headers as Record<string, unknown>)[name] = value;
}

/** Serializers of a client take keys of one type. */
function usesBuffers(headers: Map<unknown, unknown>): boolean {
  const { value } = headers.keys().next();
  return value instanceof Uint8Array;
}
