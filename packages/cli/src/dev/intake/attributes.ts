import type { Attributes, AttributeValue, Resource } from '../model/telemetry.js';

const maxNames = 20_000;
const names = new Map<string, string>();

/** The same string for the same name: each request decodes its names anew, and there are few different ones. */
export function sharedName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size < maxNames) names.set(name, name);
  return name;
}

export function emptyAttributes(): Record<string, AttributeValue> {
  return Object.create(null);
}

export function textAttribute(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function resourceOf(attributes: Attributes): Resource {
  return { serviceName: textAttribute(attributes, 'service.name') ?? 'unknown_service', attributes };
}
