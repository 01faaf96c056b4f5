import { isDeepStrictEqual } from 'node:util';
import type { ObservabilityOptions } from './observability-options.js';

/**
 * Whether two calls ask for the same. Plugins and other live objects count by their name or class: a module
 * that is evaluated twice creates them again.
 */
export function sameOptions(a: ObservabilityOptions, b: ObservabilityOptions): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b));
}

function comparable(value: unknown): unknown {
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(comparable);
  const { name } = value as { name?: unknown };
  if ('setup' in value) return `plugin ${String(name)}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `instance of ${value.constructor?.name}`;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, comparable(entry)]),
  );
}
