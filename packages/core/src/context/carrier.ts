import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';

/** A getter that can say more of its carrier than a propagator needs. */
export interface CarrierGetter<C> extends TextMapGetter<C> {
  /** Whether all names are in lower case already, as Node's HTTP servers have them. */
  readonly lowerCaseNames?: true;
  /** Whether nothing is extracted from the same carrier again. Remembering carriers is expensive for the garbage collector. */
  readonly readOnce?: true;
  /** Network address of the sender. */
  peerAddress?(carrier: C): string | undefined;
}

/** A setter whose carrier may have headers that the application set itself. */
export interface CarrierSetter<C> extends TextMapSetter<C> {
  has?(carrier: C, name: string): boolean;
}

/** Reads a header whose name may be written in any case; `name` is in lower case. */
export function readHeader<C>(carrier: C, getter: CarrierGetter<C>, name: string): unknown {
  const value = getter.get(carrier, name);
  if (value !== undefined || getter.lowerCaseNames) return value;
  const written = getter.keys(carrier).find((key) => isName(key, name));
  return written === undefined ? undefined : getter.get(carrier, written);
}

/** Whether the carrier has the header already; `name` is in lower case. */
export function carriesHeader<C>(carrier: C, setter: CarrierSetter<C>, name: string): boolean {
  if (setter.has) return setter.has(carrier, name);
  if (typeof carrier !== 'object' || carrier === null) return false;
  for (const key in carrier) if (Object.hasOwn(carrier, key) && isName(key, name)) return true;
  return false;
}

export function isName(written: string, name: string): boolean {
  return written.length === name.length && written.toLowerCase() === name;
}
