/**
 * A method of another package. A replacement may declare the arguments that it knows: methods are compared
 * bivariantly, so no `any` is needed.
 */
export type Method = { method(...args: unknown[]): unknown }['method'];

/**
 * Puts another method in the place of one that an object or prototype has, own or inherited.
 *
 * @param wrap gets the original and returns what takes its place
 * @returns puts the original back. Where somebody has wrapped the replacement since, it stays: a replacement has to
 *   do nothing of its own once the patch is taken back ({@link patchOnce} gives it `patch.active` for that).
 * @throws Error where the object has no such method
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
