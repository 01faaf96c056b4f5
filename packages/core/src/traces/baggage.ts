import {
  type BaggageEntry,
  baggageEntryMetadataFromString,
  propagation,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

const header = 'baggage';
/** Baggage up to this size and 64 members has to be handed on: https://www.w3.org/TR/baggage/#limits */
const maxBytes = 8_192;
/** As many as the first version of the specification allows. */
const maxMembers = 180;

/**
 * A propagator of W3C Baggage. The stock propagator leaves out members above 4,096 bytes, which the specification wants
 * handed on, and writes whatever a service puts into its baggage: a line break in it makes the call of the service fail.
 * https://www.w3.org/TR/baggage/
 */
export function createBaggagePropagator(): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      const baggage = propagation.getBaggage(context);
      if (!baggage || isTracingSuppressed(context)) return;
      let written = '';
      let count = 0;
      for (const [name, entry] of baggage.getAllEntries()) {
        const member = writtenMember(name, entry);
        if (member === undefined || written.length + 1 + member.length > maxBytes + (count === 0 ? 1 : 0))
          continue;
        if (++count > maxMembers) break;
        written = written === '' ? member : `${written},${member}`;
      }
      if (written !== '') setter.set(carrier, header, written);
    },
    extract(context, carrier, getter) {
      const given: unknown = getter.get(carrier, header);
      if (given === undefined || given === null || given === '') return context;
      const entries = readMembers(Array.isArray(given) ? given.slice(0, maxMembers) : [given]);
      if (entries.size === 0) return context;
      // An own `__proto__`, not the prototype of the object.
      return propagation.setBaggage(context, propagation.createBaggage(Object.fromEntries(entries)));
    },
    fields: () => [header],
  };
}

function readMembers(headers: readonly unknown[]): Map<string, BaggageEntry> {
  const entries = new Map<string, BaggageEntry>();
  let count = 0;
  let bytes = 0;
  for (const text of headers) {
    if (typeof text !== 'string') continue;
    for (let start = 0; start < text.length && count < maxMembers; ) {
      const comma = text.indexOf(',', start);
      const end = comma === -1 ? text.length : comma;
      const member = end - start > maxBytes ? undefined : readMember(text.slice(start, end));
      if (member) {
        bytes += end - start + (count === 0 ? 0 : 1);
        if (bytes > maxBytes) return entries;
        count++;
        entries.set(...member);
      }
      start = end + 1;
    }
  }
  return entries;
}

function readMember(text: string): [string, BaggageEntry] | undefined {
  const semicolon = text.indexOf(';');
  const pair = semicolon === -1 ? text : text.slice(0, semicolon);
  const equals = pair.indexOf('=');
  if (equals <= 0) return undefined;
  try {
    const name = decodeURIComponent(pair.slice(0, equals).trim());
    const value = decodeURIComponent(pair.slice(equals + 1).trim());
    if (name === '' || value === '') return undefined;
    const properties = semicolon === -1 ? '' : text.slice(semicolon + 1);
    return [
      name,
      properties === '' ? { value } : { value, metadata: baggageEntryMetadataFromString(properties) },
    ];
  } catch {
    // Percent-encoding that is none.
    return undefined;
  }
}

/** What a header can hold, without the comma that would begin another member. */
const legalProperties = /^[\t\x20-\x2b\x2d-\x7e]*$/;

function writtenMember(name: unknown, entry: BaggageEntry): string | undefined {
  try {
    const { value, metadata } = entry;
    const pair = `${encoded(name)}=${encoded(value)}`;
    if (metadata === undefined) return pair;
    const properties = String(metadata);
    return legalProperties.test(properties) ? `${pair};${properties}` : pair;
  } catch {
    // A value of the service that has no text.
    return undefined;
  }
}

function encoded(value: unknown): string {
  const text = String(value);
  // Half of a surrogate pair has no encoding.
  return encodeURIComponent(/[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text);
}
