/**
 * A method of another package. A replacement may declare more specific arguments without `any`, because TypeScript
 * compares methods bivariantly.
 */
export type Method = { method(...args: unknown[]): unknown }['method'];

/**
 * Replaces a method of an object or prototype. The method may also be inherited.
 *
 * @param wrap gets the original method and returns the replacement
 * @returns restores the original. If other code has wrapped the replacement in the meantime, the replacement stays in
 *   place. It must then only call the original: {@link patchOnce} provides `patch.active` for this.
 * @throws Error if the object has no such method
 *
 * @example
 * import { replaceMethod } from '@throughline/core/plugin';
 *
 * class Client {
 *   async get(key: string): Promise<string | null> {
 *     return key;
 *   }
 * }
 *
 * const restore = replaceMethod(
 *   Client.prototype,
 *   'get',
 *   (get) =>
 *     function observedGet(this: Client, key) {
 *       return get.call(this, key);
 *     },
 * );
 * restore();
 */
export function replaceMethod<O extends object, K extends keyof O>(
  owner: O,
  name: K,
  wrap: (original: NonNullable<O[K]>) => O[K],
): () => void;
export function replaceMethod(
  owner: object,
  name: PropertyKey,
  wrap: (original: Method) => Method,
): () => void;
export function replaceMethod(
  owner: object,
  name: PropertyKey,
  wrap: (original: never) => unknown,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = descriptor ? descriptor.value : Reflect.get(owner, name);
  if (typeof original !== 'function') {
    throw new Error(`it has no method '${String(name)}', which the patch replaces`);
  }
  const replacement = wrap(original as never);
  Object.defineProperty(owner, name, {
    ...(descriptor ?? { configurable: true, enumerable: false, writable: true }),
    value: replacement,
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(owner, name)?.value !== replacement) return;
    if (descriptor) Object.defineProperty(owner, name, descriptor);
    else Reflect.deleteProperty(owner, name);
  };
}
