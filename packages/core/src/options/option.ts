import { readFileSync } from 'node:fs';

/** One environment variable that can set an option. */
export interface EnvironmentVariable<T> {
  readonly name: string;
  /** Turns the text into the option's value; throws an Error whose message says which values the variable accepts. */
  readonly parse: (text: string) => T;
  /** Shown on the generated page if the variable does not simply hold the value. */
  readonly note?: string;
}

/** One row of the option table. */
export interface Option<T> {
  readonly kind: 'option';
  /** The TypeScript type of the value, as users see it in the generated interface. */
  readonly type: string;
  readonly description: string;
  /** Value when no source sets the option; `undefined` if the option stays unset. */
  readonly fallback: T;
  /** Text for the default on the generated page, if the value alone is not clear. */
  readonly fallbackText?: string | undefined;
  readonly environment: readonly EnvironmentVariable<unknown>[];
  /** Whether the value must never be shown, not even in the message about a wrong value. */
  readonly secret: boolean;
  /** Checks a value from code or a config file; throws an Error whose message says which values the option accepts. */
  readonly parse: (value: unknown) => unknown;
}

/** Options that share a prefix. A group that may be switched off takes `false` instead of an object. */
export interface OptionGroup<M> {
  readonly kind: 'group';
  readonly description: string;
  readonly members: M;
  readonly canBeFalse: boolean;
  /** The member that is set when the value is not an object: `x: 'a'` is short for `x: { name: 'a' }`. */
  readonly shorthand?: string;
}

/** What a table of options has under one name: an option, or a group of them. */
export type OptionEntry = Option<unknown> | OptionGroup<Readonly<Record<string, unknown>>>;
export type OptionEntries = Readonly<Record<string, OptionEntry>>;

interface Common<T> {
  readonly description: string;
  readonly environment?: readonly EnvironmentVariable<NoInfer<T>>[];
  readonly fallbackText?: string;
  readonly secret?: boolean;
}
type WithFallback<T> = Common<T> & { readonly fallback: NoInfer<T> };
type WithoutFallback<T> = Common<T> & { readonly fallback?: undefined };

/** An option of any type. */
export function option<T>(o: WithFallback<T> & { type: string; parse: (value: unknown) => T }): Option<T>;
export function option<T>(
  o: WithoutFallback<T> & { type: string; parse: (value: unknown) => T },
): Option<T | undefined>;
export function option(
  o: Common<unknown> & { fallback?: unknown; type: string; parse: (value: unknown) => unknown },
): Option<unknown> {
  return {
    kind: 'option',
    type: o.type,
    description: o.description,
    fallback: o.fallback,
    fallbackText: o.fallbackText,
    environment: o.environment ?? [],
    secret: o.secret ?? false,
    parse: o.parse,
  };
}

export function group<M>(description: string, members: M): OptionGroup<M> & { readonly canBeFalse: false } {
  return { kind: 'group', description, members, canBeFalse: false };
}

/** A group that takes `false` to switch the whole thing off. */
export function switchableGroup<M>(
  description: string,
  members: M,
): OptionGroup<M> & { readonly canBeFalse: true } {
  return { kind: 'group', description, members, canBeFalse: true };
}

/** A group that can be switched off, and has a short form that sets one member. */
export function named<M, const S extends keyof M & string>(
  shorthand: S,
  description: string,
  members: M,
): OptionGroup<M> & { readonly canBeFalse: true; readonly shorthand: S } {
  return { kind: 'group', description, members, canBeFalse: true, shorthand };
}

/** `"false"` is false: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#boolean-value */
export function parseBoolean(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw new Error('takes true or false');
}

export function parseNumber(limits: NumberLimits): (value: unknown) => number {
  const words = `takes ${limits.integer ? 'a whole number' : 'a number'} from ${limits.min} to ${limits.max}`;
  return (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !(number >= limits.min && number <= limits.max)) throw new Error(words);
    if (limits.integer && !Number.isInteger(number)) throw new Error(words);
    return number;
  };
}

export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/** Limits of a TCP port that can be listened on; 0 lets the system choose one. */
export const portLimits: NumberLimits = { min: 0, max: 65_535, integer: true };

export function checkBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('takes true or false');
  return value;
}

export function checkNumber(limits: NumberLimits): (value: unknown) => number {
  const parse = parseNumber(limits);
  // In code a numeric string is a mistake. In the environment every value is a string.
  return (value) => parse(typeof value === 'string' ? Number.NaN : value);
}

export function checkText(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new Error('takes a string that is not empty');
  return value.trim();
}

export function checkWord<const W extends string>(words: readonly W[]): (value: unknown) => W {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new Error(`takes one of ${quoted(words)}`);
    return found;
  };
}

export function checkTextList(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    throw new Error('takes an array of strings');
  }
  return value;
}

export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

export function checkTextRecord(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('takes an object of strings');
  }
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry !== 'string') throw new Error(`takes an object of strings, but '${key}' is not one`);
  }
  return value as Record<string, string>;
}

export function checkUrl(value: unknown): string {
  const text = checkText(value);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error('takes a URL such as http://localhost:4318');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error('takes an http:// or https:// URL such as http://localhost:4318');
  }
  return text;
}

/** The path of a PEM file that can be read now and has `what` in it. */
export function checkPemFile(what: 'CERTIFICATE' | 'PRIVATE KEY'): (value: unknown) => string {
  return (value) => {
    const path = checkText(value);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new Error(`takes a file that can be read (${(error as NodeJS.ErrnoException).code})`);
    }
    // `-----BEGIN EC PRIVATE KEY-----`, `-----BEGIN TRUSTED CERTIFICATE-----`
    if (!new RegExp(`^-----BEGIN ([A-Z0-9]+ )*${what}-----`, 'm').test(text)) {
      throw new Error(`takes a PEM file with a ${what.toLowerCase()}`);
    }
    return path;
  };
}

/**
 * `key=value,key2=value2` with percent-encoding, the form of OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS (W3C Baggage without properties).
 */
export function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const entry of parseList(text)) {
    const equals = entry.indexOf('=');
    const key = entry.slice(0, Math.max(equals, 0)).trim();
    // The message does not quote the entry, because it may be a secret.
    if (key === '') throw new Error("takes key=value pairs separated by commas, but one of them has no '='");
    try {
      pairs[decodeURIComponent(key)] = decodeURIComponent(entry.slice(equals + 1).trim());
    } catch {
      throw new Error(`takes percent-encoded key=value pairs, but '${key}' is badly encoded`);
    }
  }
  return pairs;
}

/** Pairs whose value is empty count as unset: Kubernetes sets '' for a label that a pod does not have. */
export function parseAttributes(text: string): Record<string, string> {
  return Object.fromEntries(Object.entries(parsePairs(text)).filter(([, value]) => value !== ''));
}

/** Limits of a count. */
export const countLimits = { min: 1, max: 1_000_000, integer: true };

/** Limits of a time, in milliseconds: up to an hour. */
export const millisLimits = { min: 0, max: 3_600_000, integer: true };

export function checkList<T>(
  words: string,
  isEntry: (entry: unknown) => entry is T,
): (value: unknown) => readonly T[] {
  return (value) => {
    if (!Array.isArray(value) || !value.every(isEntry)) throw new Error(words);
    return value;
  };
}

/** Whether a value has these methods. Used instead of a type check against a class of another package. */
export const isObjectWith =
  <T>(...methods: string[]) =>
  (value: unknown): value is T =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function');

export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}
